import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { AUTHENTICATOR, TestService } from './support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };

describe('secrets stay where they are', () => {
  let service: TestService;
  const secrets: [name: string, value: string][] = [
    ['customer authenticator', AUTHENTICATOR.split(',')[1] ?? ''],
    ['KEK', inject('kek')],
    ['KEK in base64', Buffer.from(inject('kek'), 'hex').toString('base64')],
  ];
  const answers: string[] = [];

  beforeAll(async () => {
    service = await TestService.start({ environment: { EXPRESSPLAY_TIMEOUT_MS: '300' } });
    const tokens: string[] = [];
    const ask = async (user: string, body: object) => {
      const answer = await service.ask(user, body);
      answers.push(answer.text);
      if (answer.body.token !== undefined) tokens.push(answer.body.token as string);
    };
    for (const user of ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace']) {
      await ask(user, PLAYREADY);
      await ask(user, { ...PLAYREADY, drm: 'fairplay' });
    }
    const bearer = await service.issuer.token('alice');
    secrets.push(['bearer token', bearer]);
    const sent = service
      .http()
      .post('/v1/license-tokens?access_token=query-canary')
      .set('Authorization', `Bearer ${bearer}`);
    answers.push((await sent.set('Cookie', 'session=cookie-canary').send(PLAYREADY)).text);
    secrets.push(['a secret in the query', 'query-canary'], ['a secret in a cookie', 'cookie-canary']);
    await service.wires.emulator.hang();
    await ask('alice', PLAYREADY);
    await service.wires.emulator.stop();
    await ask('alice', PLAYREADY);
    await service.wires.postgres.stop();
    await ask('alice', PLAYREADY);
    await service.wires.postgres.start();
    for (const [index, token] of tokens.entries()) secrets.push([`licence token ${index}`, token]);
    const keys = await service.database.query<{ ek: Buffer }>('SELECT ek FROM content_key');
    for (const { ek } of keys) secrets.push(['wrapped content key', ek.toString('hex')]);
  });
  afterAll(() => service.stop());

  it('there were tokens, refusals, failures and log lines to look into', async () => {
    expect(secrets.length).toBeGreaterThan(12);
    expect(service.log.lines.length).toBeGreaterThan(15);
    const decisions = (await service.ledger()).map(({ decision }) => decision);
    expect(new Set(decisions)).toEqual(new Set(['granted', 'denied', 'failed']));
  });

  it('none is in a log, at the most verbose level', () => {
    const found = secrets.filter(([, value]) => service.log.text.toLowerCase().includes(value.toLowerCase()));
    expect(found.map(([name]) => name)).toEqual([]);
  });

  it('none is in the ledger', async () => {
    const [{ text } = { text: '' }] = await service.database.query<{ text: string }>(
      `SELECT string_agg(issuance::text, E'\\n') AS text FROM issuance`,
    );
    expect(text).toContain('alice');
    expect(secrets.filter(([, value]) => text.toLowerCase().includes(value.toLowerCase()))).toEqual([]);
  });

  it('none is in an answer, but for the token that was asked for', () => {
    const others = secrets.filter(([name]) => !name.startsWith('licence token'));
    const text = answers.join('\n').toLowerCase();
    expect(others.filter(([, value]) => text.includes(value.toLowerCase()))).toEqual([]);
    expect(answers.filter((answer) => /"code"/.test(answer) && answer.includes('ExpressPlayToken'))).toEqual([]);
  });

  it("the request's line tells who, what, the decision and why, and how long it took", () => {
    const line = service.log.lines.find((entry) => entry.userId === 'carol' && entry.durationMs !== undefined);
    expect(line).toMatchObject({
      requestId: expect.any(String) as string,
      contentId: 'sintel',
      decision: 'denied',
      reason: 'rental-period-ended',
      issuanceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
  });
});
