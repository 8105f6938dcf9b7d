// The hand-written contestant: node:http, named statements of pg, a pool of undici's, jose, and one log line a request. It does for
// a grant all that the service does; what is refused it only answers. BEARER_CACHE=off verifies each bearer every time.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { Pool as Database } from 'pg';
import { pino } from 'pino';
import { Pool as Upstream } from 'undici';
import {
  answerOf,
  decide,
  newId,
  readToken,
  Refusal,
  tokenRequest,
  type Grant,
  type Order,
  type Purchase,
  type Title,
} from './rules.js';

const { env } = process;
const log = pino();
const database = new Database({ connectionString: env.DATABASE_URL, max: 10, statement_timeout: 2000 });
const upstream = new Upstream(env.EXPRESSPLAY_BASE_URL ?? '', { connections: 63, headersTimeout: 5000 });
const keys = createLocalJWKSet(JSON.parse(readFileSync(new URL(env.AUTH_JWKS_URL ?? ''), 'utf8')) as JSONWebKeySet);
const keks = new Map(
  (env.CONTENT_KEY_KEKS ?? '').split(',').map((entry) => entry.split('=') as [id: string, kek: string]),
);
const authenticator = env.EXPRESSPLAY_CUSTOMER_AUTHENTICATOR ?? '';
const [perUser, perTitle] = [Number(env.TOKEN_LIMIT_PER_USER ?? 200), Number(env.TOKEN_LIMIT_PER_TITLE ?? 50)];
const isLimited = perUser > 0 || perTitle > 0;

interface Bearer {
  userId: string;
  expiresAt: number;
}

const MOST_BEARERS = 10_000;
const bearers = new Map<string, Bearer>();

async function bearerOf(request: IncomingMessage): Promise<Bearer> {
  const token = /^Bearer ([\w.-]+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const known = bearers.get(token);
  if (known !== undefined && Date.now() < known.expiresAt) return known;
  const bearer = await verify(token);
  if (env.BEARER_CACHE === 'off') return bearer;
  const [oldest] = bearers.keys();
  if (bearers.size >= MOST_BEARERS && oldest !== undefined) bearers.delete(oldest);
  bearers.set(token, bearer);
  return bearer;
}

async function verify(token: string): Promise<Bearer> {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    issuer: env.AUTH_ISSUER ?? '',
    audience: env.AUTH_AUDIENCE ?? '',
    requiredClaims: ['exp', 'sub'],
    clockTolerance: 5,
  }).catch(() => {
    throw new Refusal(401, 'unauthenticated');
  });
  if (!String(payload['scope']).split(' ').includes('playback')) throw new Refusal(403, 'insufficient-scope');
  return { userId: String(payload.sub), expiresAt: Number(payload.exp) * 1000 };
}

const RESERVATION = `(SELECT reserve_token($3::char(32), $1, $2, $4::timestamptz, interval '1 hour', $5::int, $6::int,
  interval '20 seconds'))`;
const DECISION = `
  SELECT k.kid, k.iv, k.tracks, c.available_from AS "availableFrom", c.withdrawn_at AS "withdrawnAt",
         o.analog_video_opl AS "analogVideoOpl", o.compressed_digital_audio_opl AS "compressedDigitalAudioOpl",
         o.compressed_digital_video_opl AS "compressedDigitalVideoOpl",
         o.uncompressed_digital_audio_opl AS "uncompressedDigitalAudioOpl",
         o.uncompressed_digital_video_opl AS "uncompressedDigitalVideoOpl",
         o.unknown_output_behavior AS "unknownOutputBehavior", o.output_control_flags AS "outputControlFlags",
         o.offline_allowed AS "offlineAllowed", o.widevine_security_level AS "widevineSecurityLevel",
         o.widevine_hdcp AS "widevineHdcp", o.extensions, o.additional_parameters AS "additionalParameters",
         k.kek_id AS "kekId", k.ek, p.id, p.revoked_at AS "revokedAt", p.period_ends_at AS "periodEndsAt",
         p.play_duration_seconds AS "playDurationSeconds", p.first_play_at AS "firstPlayAt", p.version,
         p.first_play_reset_id AS "firstPlayResetId", ${isLimited ? RESERVATION : 'NULL::timestamptz'} AS "limitedUntil"
  FROM content c
  JOIN output_policy o ON o.name = c.output_policy_name
  LEFT JOIN content_key k ON k.content_id = c.id
  LEFT JOIN purchase p ON p.content_id = c.id AND p.user_id = $1
  WHERE c.id = $2
  ORDER BY p.purchased_at, p.id`;

const entry = (firstPlay: string, condition: string) => `
  INSERT INTO issuance (id, user_id, content_id, purchase_id, drm, offline, decision, rights_type, rights_end_at,
    play_duration_seconds, persistent, token_expires_at, first_play, request_id, decided_at, duration_ms)
  SELECT $1::char(32), $2, $3, $4::uuid, $5::drm, $6::boolean, 'granted', $7::purchase_type, $8::timestamptz, $9::int,
    $10::boolean, $11::timestamptz, ${firstPlay}, $12, $13::timestamptz, $14::int
  FROM end_reservations(ARRAY[$1::char(32)])
  WHERE ${condition}
  ON CONFLICT (decided_at, id) DO NOTHING`;
const RECORD = `${entry('false', 'true')} RETURNING true AS recorded`;
const RECORD_FIRST_PLAY = `
  WITH standing AS MATERIALIZED (
    SELECT id FROM purchase WHERE id = $4::uuid AND user_id = $2 AND content_id = $3 AND type = 'rental' AND version = $15
    FOR NO KEY UPDATE
  ), written AS (
    SELECT FROM issuance WHERE decided_at = $13::timestamptz AND id = $1::char(32)
  ), started AS (
    UPDATE purchase SET first_play_at = $13::timestamptz, updated_at = $13::timestamptz
    WHERE id = (SELECT id FROM standing) AND first_play_at IS NULL AND first_play_reset_id IS NOT DISTINCT FROM $16
      AND NOT EXISTS (SELECT FROM written)
    RETURNING id
  )
  ${entry('EXISTS (SELECT FROM started)', 'EXISTS (SELECT FROM standing)')} RETURNING true AS recorded`;

async function issue(order: Order, requestId: string) {
  const [id, at] = [newId(), new Date()];
  const facts = [order.userId, order.contentId];
  const { rows } = await database.query<Title & Purchase & { limitedUntil: Date | null }>({
    name: 'decide',
    text: DECISION,
    values: isLimited ? [...facts, id, at, perUser || 2 ** 31 - 1, perTitle || 2 ** 31 - 1] : facts,
  });
  const [title] = rows;
  if (title === undefined) throw new Refusal(404, 'content-not-found');
  const purchases = rows.filter((row) => row.id !== null);
  const grant = decide(order, title, purchases, { id, at });
  if (grant === undefined) throw new Refusal(403, 'not-entitled');
  if (title.limitedUntil !== null) throw new Refusal(429, 'rate-limited');
  const kek = keks.get(title.kekId);
  if (kek === undefined) throw new Refusal(500, 'key-unavailable');

  const { path, form } = tokenRequest(order, title, grant, { authenticator, kek });
  const { statusCode, body } = await upstream.request({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form,
    signal: AbortSignal.timeout(5000),
  });
  const token = readToken(statusCode, await body.text());
  await record(order, grant, requestId);
  return answerOf(order, title, grant, token);
}

async function record({ userId, contentId, drm, offline }: Order, grant: Grant, requestId: string): Promise<void> {
  const { id, purchase, decidedAt, type, endsAt, playDurationSeconds, persistent, tokenExpiresAt, starts } = grant;
  const row = [id, userId, contentId, purchase.id, drm, offline, type, endsAt, playDurationSeconds, persistent];
  const values = [...row, tokenExpiresAt, requestId, decidedAt, Date.now() - decidedAt.getTime()];
  const { rowCount } = await database.query(
    starts
      ? {
          name: 'start',
          text: RECORD_FIRST_PLAY,
          values: [...values, purchase.version, purchase.firstPlayResetId],
        }
      : { name: 'record', text: RECORD, values },
  );
  if (rowCount === 0) throw new Refusal(503, 'purchase-changed');
}

async function orderOf(request: IncomingMessage, userId: string): Promise<Order> {
  const { contentId, drm, offline = false } = JSON.parse(await text(request)) as Partial<Order>;
  const isDrm = drm === 'playready' || drm === 'fairplay' || drm === 'widevine';
  if (!isDrm || !/^[A-Za-z0-9][\w.-]{0,127}$/.test(contentId ?? '') || typeof offline !== 'boolean') {
    throw new Refusal(400, 'invalid-request');
  }
  return { userId, contentId: String(contentId), drm, offline };
}

async function answer(request: IncomingMessage): Promise<{ status: number; body: object; fields?: object }> {
  if (request.url === '/health/ready') return database.query('SELECT').then(() => ({ status: 200, body: {} }));
  if (request.method !== 'POST' || request.url !== '/v1/license-tokens') throw new Refusal(404, 'not-found');
  const requestId = newId();
  const { userId } = await bearerOf(request);
  const order = await orderOf(request, userId);
  const body = await issue(order, requestId);
  return { status: 200, body, fields: { requestId, ...order, issuanceId: body.id, rights: body.rights } };
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const begun = performance.now();
  const { status, body, fields } = await answer(request).catch((error: unknown) => {
    if (!(error instanceof Refusal)) log.error(error);
    const { status: refused, code } = error instanceof Refusal ? error : new Refusal(500, 'internal-error');
    return { status: refused, body: { code }, fields: { code } };
  });
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const { method, url } = request;
  log.info({ method, url, status, durationMs: performance.now() - begun, ...fields }, 'request completed');
}

const server = createServer({ keepAliveTimeout: 72_000 }, (request, response) => void serve(request, response));
server.listen(Number(env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit());
