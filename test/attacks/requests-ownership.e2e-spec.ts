import type { Response } from 'supertest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestService } from '../support/test-service.js';

// What a stranger can learn of what others own: an answer is made of the caller's own purchases and of the catalogue,
// which is public. One query reads both, its conditions name the caller, and the code takes the same way whether others
// own the title or not. The texts are compared here, the times by
// `npm run bench -- ownership`.

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

/** An answer without what differs between any two. */
function told({ status, headers, text }: Response): unknown {
  const { date: _, 'x-request-id': id, ...rest } = headers as Record<string, string>;
  return { status, headers: rest, text: text.replaceAll(String(id), '') };
}

it.each(['playready', 'fairplay', 'widevine'])('%s: a title is refused alike, whoever else owns it', async (drm) => {
  const ask = () => service.ask('mallory', { contentId: 'sintel', drm });
  const owned = told(await ask());
  expect(owned).toMatchObject({ status: 403 });
  await service.database.query(`DELETE FROM purchase WHERE content_id = 'sintel'`);
  expect(told(await ask())).toEqual(owned);
});

it('a user who does not exist is answered as one who owns something else', async () => {
  const [stranger, viewer] = [
    await service.ask('nobody-has-this-name', { contentId: 'big-buck-bunny', drm: 'playready' }),
    await service.ask('carol', { contentId: 'big-buck-bunny', drm: 'playready' }),
  ];
  expect(told(stranger)).toEqual(told(viewer));
});

it.each(['userId', 'user', 'sub', 'subject', 'purchaseId', 'externalId', 'kid'])(
  'a %s in the request is refused, and not told apart by whether it exists',
  async (field) => {
    const answers = [];
    for (const value of ['alice', 'nobody-has-this-name']) {
      answers.push(told(await service.ask('mallory', { contentId: 'sintel', drm: 'playready', [field]: value })));
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ status: 400 });
  },
);

it.each(['X-User-Id', 'X-Forwarded-User', 'X-Original-User', 'X-Auth-Request-User', 'Remote-User', 'From', 'Cookie'])(
  'the header %s makes nobody somebody else',
  async (header) => {
    const plain = told(await service.ask('mallory', { contentId: 'tears-of-steel', drm: 'playready' }));
    const bearer = await service.issuer.token('mallory');
    const answer = await service
      .http()
      .post('/v1/license-tokens')
      .set('Authorization', `Bearer ${bearer}`)
      .set('Accept', 'application/json')
      .set(header, header === 'Cookie' ? 'user=alice' : 'alice')
      .send({ contentId: 'tears-of-steel', drm: 'playready' });
    expect(told(answer)).toEqual(plain);
    expect(answer.status).toBe(403);
  },
);
