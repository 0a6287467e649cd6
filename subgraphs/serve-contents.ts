/** The contents of documents behind HTTP, for the gateway alone. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Documents } from './dossiers/documents.ts';
import { refuse } from './errors.ts';
import { arriving } from './http.ts';
import { headOf } from './signature.ts';
import type { Viewer } from './viewer.ts';

/** Registers `POST /contents` and `GET /contents/{id}`; `heard` checks who asks, and what was signed in the place of a body. */
export const contentRoutes = (
  app: FastifyInstance,
  { heard, documents }: { heard(request: FastifyRequest, signed: string): Promise<Viewer>; documents: Documents },
): void => {
  void app.register(async (routes) => {
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('*', (_request, _payload, done) => done(null)); // the handler reads it as it comes

    routes.post('/contents', { config: { streams: true } }, async (request, reply) => {
      const mime = request.headers['content-type'] ?? '';
      const viewer = await heard(request, headOf('POST', '/contents', mime));
      return reply.code(201).send(await documents.receive(viewer, arriving(request), mime));
    });
    routes.get<{ Params: { id: string } }>('/contents/:id', { exposeHeadRoute: false }, async (request, reply) => {
      const { id } = request.params;
      const viewer = await heard(request, headOf('GET', `/contents/${id}`));
      const content = await documents.content(viewer, id);
      if (!content) throw refuse('NOT_FOUND', 'There is no such content');
      return reply.type('application/octet-stream').send(content);
    });
  });
};
