/** Documents beside the graph: content goes in and comes out as it is, and the graph decides who reads it. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fileNameOf } from '../schema/uploads.ts';
import { type Measure, measure, mustBeTaken, mustFit, mustUpload, proved, taken } from '../subgraphs/content.ts';
import { isErrorCode, refuse, refuseWith, traceOf } from '../subgraphs/errors.ts';
import { arriving } from '../subgraphs/http.ts';
import { log } from '../subgraphs/log.ts';
import type { Context, Gateway, Reach } from './gateway.ts';

/** A document as the graph tells of it; null where it says nothing to this caller. */
type Told = { erasedAt: string | null; fileName: string | null; mime: string } & Partial<Measure>;

const query = 'query ($id: ID!) { document(id: $id) { erasedAt fileName mime sizeBytes sha256 } }';

const patience = 300_000; // milliseconds that a caller may take to read a document

const sentences: Readonly<Record<string, string>> = {
  FORBIDDEN: 'The content of this document is not open to you',
  PURPOSE_REQUIRED: 'The content of this document needs a purpose and a reference',
};

/** Asks the graph, as the caller would: the same access decision, the same entry in the read log, or no answer. */
const ask = async (server: Gateway, context: Context, id: string): Promise<Told> => {
  const contextValue: Context = { ...context, operation: 'GET /documents/{id}' };
  const { body, http } = await server.executeOperation({ query, variables: { id } }, { contextValue });
  if (body.kind !== 'single') throw new Error('an answer in parts');
  const { data, errors = [] } = body.singleResult;
  const [error] = errors;
  if (error) {
    const { code, ...details } = error.extensions ?? {};
    if (!isErrorCode(code)) throw new Error('an error without a code');
    const message = sentences[code] ?? error.message;
    throw http.status && http.status >= 400
      ? refuseWith(http.status, code, message, details)
      : refuse(code, message, details);
  }
  // What the graph answers to the query above.
  const told = data?.document as Told | null | undefined;
  if (!told) throw refuse('NOT_FOUND', 'There is no such document');
  return told;
};

/** As a browser saves it; a name in other letters than those of ASCII is told apart from one in them (RFC 6266). */
const saved = (name: string): string => {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const whole = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
};

const ofContent = ['content-disposition', 'repr-digest'];

/** What leaves is what was uploaded, or breaks off before its end. */
async function* leaving(content: Readable, measure: Measure): AsyncGenerator<Uint8Array> {
  const late = setTimeout(() => content.destroy(new Error('the caller reads too slowly')), patience);
  try {
    yield* proved(content, measure);
  } catch (error) {
    log.error(traceOf(error), 'content broke off');
    throw error;
  } finally {
    clearTimeout(late);
    content.destroy();
  }
}

const typeIn = ({ headers }: FastifyRequest): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** What the routes need: how a caller comes in, the graph, and where contents are kept. */
type Ground = Pick<Reach, 'upload' | 'content'> & {
  server: Gateway;
  enter(request: FastifyRequest): Promise<void>;
  contextOf(request: FastifyRequest): Context;
};

/** Registers `POST /documents`, which takes content for `addDocument`, and `GET /documents/{id}`. */
export const documentRoutes = async (
  app: FastifyInstance,
  { server, enter, contextOf, upload, content }: Ground,
): Promise<void> => {
  await app.register(async (routes) => {
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('*', (_request, _payload, done) => done(null)); // the handler reads it as it comes

    routes.post('/documents', {
      config: { streams: true },
      onRequest: [
        enter,
        // Before anything is read: what would be refused has not to be sent.
        async (request) => {
          mustUpload(contextOf(request).viewer.kind);
          mustBeTaken(typeIn(request));
          mustFit(Number(request.headers['content-length'] ?? 0));
        },
      ],
      handler: async (request, reply) => {
        const mime = typeIn(request);
        let fault: unknown;
        const { parts, measured } = measure(taken(arriving(request), mime));
        const watched = async function* () {
          try {
            yield* parts;
          } catch (error) {
            fault = error;
            throw error;
          }
        };
        const kept = await upload(contextOf(request), watched(), mime).catch((error: unknown) => {
          throw fault ?? error;
        });
        const { sha256, sizeBytes } = measured();
        // The signature to the subgraph cannot cover content that is still to come: this does.
        if (kept.sha256 !== sha256 || kept.sizeBytes !== sizeBytes) throw new Error('other content was kept');
        return reply.code(201).send(kept);
      },
    });

    routes.get<{ Params: { id: string } }>('/documents/:id', {
      exposeHeadRoute: false,
      onRequest: enter,
      // What breaks before its first part is refused like anything else: what was said of the content is taken back.
      errorHandler: (error, _request, reply) => {
        for (const name of ofContent) reply.removeHeader(name);
        throw error;
      },
      handler: async (request, reply) => {
        const { id } = request.params;
        const context = contextOf(request);
        const { erasedAt, fileName, mime, sizeBytes, sha256 } = await ask(server, context, id);
        if (erasedAt !== null) {
          throw refuseWith(410, 'NOT_FOUND', 'The content of this document was erased: its time was over', {
            erasedAt,
          });
        }
        if (fileName == null || sizeBytes === undefined || sha256 === undefined) throw new Error('half a document');
        const kept = await content(context, id);
        if (!kept) throw refuse('NOT_FOUND', 'The content of this document is not kept here');
        return reply
          .headers({
            'content-type': mime,
            'content-length': sizeBytes,
            'content-disposition': saved(fileNameOf(fileName, mime) ?? 'document'),
            'content-security-policy': "default-src 'none'; sandbox",
            'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`, // RFC 9530
          })
          .send(Readable.from(leaving(kept, { sizeBytes, sha256 }), { objectMode: false }));
      },
    });
  });
};
