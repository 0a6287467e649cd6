/** The counter as documents go over it: houses together and apart, content to send, and the steps that are not ours to test. */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request as open } from 'node:http';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { pool } from '../db/database.ts';
import { embedded } from '../gateway/embedded.ts';
import type { Reach } from '../gateway/gateway.ts';
import { remote } from '../gateway/remote.ts';
import { type Contents, folderContents } from '../subgraphs/dossiers/contents.ts';
import { documents } from '../subgraphs/dossiers/documents.ts';
import { takeUpload } from '../subgraphs/dossiers/uploads.ts';
import { documentFolder, type Env } from '../subgraphs/env.ts';
import { keptLog } from '../subgraphs/read-log.ts';
import { serve } from '../subgraphs/serve.ts';
import { subgraph } from '../subgraphs/subgraph.ts';
import { taker } from '../subgraphs/take.ts';
import type { Viewer } from '../subgraphs/viewer.ts';
import { viewers } from '../subgraphs/viewer.ts';
import { freshDatabase } from './database.ts';
import { house, type Stated, testEnv, tokenFor, unlimited } from './world.ts';

/** How the gateway reaches its subgraphs. */
export type Way = 'together' | 'apart';
export const ways: readonly Way[] = ['together', 'apart'];

/** Content of a type, of so many bytes; each time another. */
export const content = (type: 'pdf' | 'png' | 'jpeg', bytes = 3000): Buffer => {
  const begins = { pdf: '%PDF-1.7\n', png: '\x89PNG\r\n\x1a\n', jpeg: '\xff\xd8\xff\xe0' };
  const begin = Buffer.from(begins[type], 'latin1');
  return Buffer.concat([begin, randomBytes(bytes - begin.length)]);
};

/** What came back, byte for byte. */
export type Got = { status: number; headers: Record<string, unknown>; bytes: Buffer };

/** What an upload is answered with. */
export type Kept = { id: string; mime: string; sizeBytes: number; sha256: string };

type Sent = { path: string; headers?: Record<string, string>; body?: Buffer | readonly Buffer[] };

/** Sends a request, its body in the parts that are given, and takes whatever comes back. */
export const exchange = (url: string, method: string, { path, headers = {}, body }: Sent): Promise<Got> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = open({ hostname, port, method, path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(parts) }),
      );
    });
    sent.on('error', reject);
    const parts = body === undefined ? [] : Buffer.isBuffer(body) ? [body] : body;
    for (const part of parts) sent.write(part);
    sent.end();
  });

/** The error of an answer that is one, as a caller sees it. */
export const faultOf = ({ status, headers, bytes }: Got) => {
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  const { errors } = JSON.parse(bytes.toString());
  expect(errors).toHaveLength(1);
  const { code, ...details } = errors[0].extensions;
  return { status, code, message: errors[0].message, ...details };
};

/** The subgraphs that documents need, each behind HTTP; and how a gateway reaches them. */
const elsewhere = async (database: Awaited<ReturnType<typeof freshDatabase>>, env: Env, secret: string) => {
  const identify = await viewers(env);
  const pools: pg.Pool[] = [];
  const connect = (part: string) => {
    const made = pool(database.urlOf(part), { name: part, max: 4 });
    pools.push(made);
    return made;
  };
  const steps = connect('steps');
  const dossiers = subgraph('dossiers', connect('dossiers'), { secret, take: taker(steps, { secret }) });
  const kept = documents({
    pool: steps,
    contents: folderContents(documentFolder(env)),
    execute: dossiers.execute,
  });
  const readLog = keptLog(database.urlOf('cadastre'), { secret });
  const apps: FastifyInstance[] = [
    serve(dossiers, { identify, secret, documents: kept }),
    serve(subgraph('cadastre', connect('cadastre'), { secret }), { identify, secret, readLog }),
  ];
  const [at = '', log = ''] = await Promise.all(apps.map((app) => app.listen({ port: 0, host: '127.0.0.1' })));
  const none = 'http://127.0.0.1:1';
  const urls = { dossiers: at, employers: none, workers: none, decisions: none, cadastre: log };
  return {
    urls,
    parts: remote(urls, { secret }),
    stop: async () => {
      await Promise.all(apps.map((app) => app.close()));
      await readLog.stop();
      await Promise.all(pools.map((one) => one.end()));
    },
  };
};

const secret = 'what gateway and subgraphs share in this test';

/** A world with a counter in it, over a database and in a folder of its own; `wrap` stands between the gateway and the rest. */
export const openCounter = async (way: Way, wrap: (parts: Reach) => Reach = unlimited) => {
  const database = await freshDatabase();
  const { env, drop } = await testEnv();
  const folder = documentFolder(env);
  const away = way === 'apart' ? await elsewhere(database, env, secret) : null;
  const parts = away?.parts ?? embedded(database.urlOf, { secret, connections: 4, folder });
  const made = await house(database, { parts: wrap(parts), variables: { DATA_DIR: env.DATA_DIR } });
  const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  const identify = await viewers(env);
  const { url } = made;

  const bearer = async (who: string, { purpose, reference, roles }: Stated = {}): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await tokenFor(env, who, roles)}`,
    ...(purpose && reference ? { 'x-purpose': purpose, 'x-reference': reference } : {}),
  });
  const rows = async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await owner.query(text, [...values])).rows;
  const viewer = async (who: string): Promise<Viewer> => identify(await bearer(who));

  return {
    url,
    env,
    database,
    folder,
    rows,
    viewer,
    bearer,
    secret,
    /** The addresses of the subgraphs, where they are apart. */
    urls: away?.urls ?? null,
    contents: folderContents(folder) satisfies Contents,
    send: async (who: string, body: Buffer | readonly Buffer[], headers: Record<string, string> = {}): Promise<Got> =>
      exchange(url, 'POST', {
        path: '/documents',
        headers: { ...(await bearer(who)), 'content-type': 'application/pdf', ...headers },
        body,
      }),
    get: async (who: string, id: string, stated: Stated = {}): Promise<Got> =>
      exchange(url, 'GET', { path: `/documents/${id}`, headers: await bearer(who, stated) }),
    /** Takes an upload of somebody's as the step of a dossier does, in a transaction of the same role. */
    take: async (who: string, id: string): Promise<Kept | null> => {
      const client = new pg.Pool({ connectionString: database.urlOf('steps'), max: 1 });
      const connection = await client.connect();
      try {
        return await takeUpload(connection, await viewer(who), id);
      } finally {
        connection.release();
        await client.end();
      }
    },
    /** Puts content in a dossier as a document, as its step leaves it there. */
    put: async (
      of: { dossier: string; code: string; by: string; name?: string; mime?: string; at?: string },
      body = content('pdf'),
    ): Promise<Kept> => {
      const { id, sha256, sizeBytes } = await folderContents(folder).put(
        (async function* () {
          yield body;
        })(),
      );
      const mime = of.mime ?? 'application/pdf';
      await rows(
        `insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'x', $9)`,
        [id, of.dossier, of.code, of.name ?? 'a.pdf', mime, sizeBytes, sha256, of.by, of.at ?? '2026-10-01'],
      );
      return { id, mime, sha256, sizeBytes };
    },
    /** Every file in the folder, by its name. */
    files: async (): Promise<string[]> => {
      const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
      return all.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    },
    stop: async () => {
      await made.stop();
      await away?.stop();
      await owner.end();
      await drop();
      await database.drop();
    },
  };
};

/** A counter as a test has it. */
export type Counter = Awaited<ReturnType<typeof openCounter>>;
