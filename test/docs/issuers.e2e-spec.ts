// The recipes of docs/authentication.md: the service with their settings, and tokens that look like those issuers'.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { KeyServer, makeKey, sign, type SigningKey } from '../../apps/entitlement/src/auth/testing/issuer.js';
import { snippetsOf } from '../../scripts/checks/markdown.js';
import { TestService } from '../support/test-service.js';

const PAGE = snippetsOf(readFileSync('docs/authentication.md', 'utf8'));

/** What is said of one issuer. */
interface Recipe {
  readonly settings: NodeJS.Dict<string>;
  readonly claims: Record<string, unknown>;
}

function recipe(issuer: string): Recipe {
  const [settings, claims, ...others] = PAGE.filter(({ heading }) => heading === issuer);
  expect([settings?.language, claims?.language, others]).toEqual(['ini', 'json', []]);
  return {
    settings: parseEnv(settings?.text ?? ''),
    claims: JSON.parse(claims?.text ?? '') as Record<string, unknown>,
  };
}

let stop: () => Promise<unknown>;
afterEach(() => stop());

/** A service that is set up by a recipe, but for where the keys are, and what it says to tokens. */
async function follow({ settings, claims }: Recipe, keys: (jwk: SigningKey['jwk']) => object[], header: object) {
  const key = await makeKey('RS256', 'signing-key');
  const server = new KeyServer();
  server.answer = (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' });
    response.end(gzipSync(JSON.stringify({ keys: keys(key.jwk) })));
  };
  await server.up();
  const place = new URL(settings['AUTH_JWKS_URL'] ?? '');
  const address = place.pathname + place.search;
  const service = await TestService.start({
    environment: {
      ...(settings as Record<string, string>),
      AUTH_JWKS_URL: new URL(address, server.url).href,
    },
  });
  stop = () => Promise.all([service.stop(), server.down()]);
  const now = service.clock.now().getTime() / 1000;
  /** The answer's status, and what the log says is wrong with the token. What is undefined in the changes is left out. */
  return async (changes: Record<string, unknown> = {}): Promise<[status: number, reason: unknown]> => {
    service.log.clear();
    const token = await sign({ ...claims, iat: now, exp: now + 600, ...changes }, key, header);
    const { status } = await service.http().get('/v1/entitlements').set('Authorization', `Bearer ${token}`);
    expect(server.asked).toBe(address);
    return [status, service.log.lines.find(({ response }) => response !== undefined)?.['reason']];
  };
}

describe('the recipe of', () => {
  it('Auth0', async () => {
    const keys = (jwk: object): object[] => [{ ...jwk, use: 'sig', x5t: 'x', x5c: ['x'] }];
    const ask = await follow(recipe('Auth0'), keys, { typ: 'JWT' });
    expect(await ask()).toEqual([200, undefined]);
    expect(await ask({ scope: 'openid profile' })).toEqual([403, undefined]);
    // An ID token is for the client.
    expect(await ask({ aud: 'my_client_id', azp: undefined, scope: undefined, nonce: 'n' })).toEqual([401, 'audience']);
  });

  it('Auth0, with the roles of an Action', async () => {
    const { settings, claims } = recipe('Auth0');
    const ask = await follow(
      {
        settings: { ...settings, AUTH_SCOPE_CLAIMS: 'https://shop.example/roles' },
        claims: { ...claims, 'https://shop.example/roles': ['playback'] },
      },
      (jwk) => [jwk],
      { typ: 'at+jwt' },
    );
    expect(await ask({ scope: 'openid' })).toEqual([200, undefined]);
    expect(await ask({ scope: 'playback', 'https://shop.example/roles': [] })).toEqual([403, undefined]);
  });

  it('Keycloak', async () => {
    const encryption = (await makeKey('RS256', 'other')).jwk;
    const keys = (jwk: object): object[] => [
      { ...encryption, alg: 'RSA-OAEP', use: 'enc' },
      { ...jwk, use: 'sig', x5t: 'x', 'x5t#S256': 'x', x5c: ['x'] },
    ];
    const ask = await follow(recipe('Keycloak'), keys, { typ: 'JWT' });
    expect(await ask()).toEqual([200, undefined]);
    expect(await ask({ aud: 'account' })).toEqual([401, 'audience']);
    expect(await ask({ aud: undefined })).toEqual([401, 'audience']);
    expect(await ask({ scope: 'email profile' })).toEqual([403, undefined]);
    expect(await ask({ typ: 'ID', aud: 'entitlement' })).toEqual([401, 'kind']);
    expect(await ask({ typ: 'Refresh' })).toEqual([401, 'kind']);
  });

  it('Amazon Cognito', async () => {
    const keys = (jwk: object): object[] => [{ ...jwk, use: 'sig' }];
    const ask = await follow(recipe('Amazon Cognito'), keys, {});
    expect(await ask()).toEqual([200, undefined]);
    expect(await ask({ client_id: '1example23456789' })).toEqual([200, undefined]);
    expect(await ask({ client_id: 'anotherclient' })).toEqual([401, 'audience']);
    expect(await ask({ scope: 'openid playback' })).toEqual([403, undefined]);
    expect(await ask({ scope: 'aws.cognito.signin.user.admin' })).toEqual([403, undefined]);
    const idToken = { aud: '57cbishk4j24pabc1234567890', client_id: undefined, token_use: 'id', scope: undefined };
    expect(await ask(idToken)).toEqual([401, 'kind']);
    // For another API, by the same client.
    expect(await ask({ aud: 'https://other.shop.example' })).toEqual([401, 'audience']);
  });

  it('Microsoft Entra ID', async () => {
    const keys = (jwk: object): object[] => [
      {
        ...jwk,
        alg: undefined,
        use: 'sig',
        x5t: 'x',
        x5c: ['x'],
        issuer: 'https://login.microsoftonline.com/{tenantid}',
      },
    ];
    const ask = await follow(recipe('Microsoft Entra ID'), keys, { typ: 'JWT' });
    expect(await ask()).toEqual([200, undefined]);
    expect(await ask({ scp: undefined, roles: ['playback'], azpacr: '1' })).toEqual([200, undefined]);
    expect(await ask({ scp: 'User.Read', roles: ['playback'] })).toEqual([403, undefined]);
    expect(await ask({ scp: undefined, roles: undefined })).toEqual([403, undefined]);
    expect(await ask({ aud: '75dbe77f-10a3-4e59-85fd-8c127544f17c' })).toEqual([401, 'audience']);
    expect(await ask({ iss: 'https://login.microsoftonline.com/other/v2.0' })).toEqual([401, 'issuer']);
  });
});
