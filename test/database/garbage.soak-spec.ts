// What comes from Postgres and cannot be what it sent: a broken proxy, a wrong port, a memory fault on the way.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlayerAnswer, Replica } from '../replicas/replica.js';
import { Site } from '../replicas/site.js';
import { isDecisionQuery } from '../replicas/statements.js';

const DATABASE_TIMEOUT_MS = 2000;
const CODE = { rowDescription: 0x54, dataRow: 0x44, error: 0x45 };

/** Where the first message with this code begins; -1 when there is none. */
function messageAt(bytes: Buffer, code: number): number {
  let at = 0;
  while (at < bytes.length && bytes[at] !== code) at += 1 + bytes.readUInt32BE(at + 1);
  return at < bytes.length ? at : -1;
}

function manyColumns(code: number) {
  return (bytes: Buffer): void => void bytes.writeUInt16BE(0xffff, messageAt(bytes, code) + 5);
}

describe('an answer of Postgres that', () => {
  let site: Site;
  let replica: Replica;
  beforeEach(async () => {
    site = await Site.start();
    replica = await site.startReplica({ DATABASE_TIMEOUT_MS: String(DATABASE_TIMEOUT_MS), DATABASE_POOL_SIZE: '1' });
  });
  afterEach(async () => {
    await replica?.kill();
    await site?.stop();
  });

  /** Changes the answer to the next query that a decision is taken from. */
  function damage(change: (bytes: Buffer) => void): void {
    let armed = false;
    replica.wires.postgres.tap = async (bytes, { direction }) => {
      if (direction === 'to-server') armed ||= isDecisionQuery(bytes);
      else if (armed && messageAt(bytes, CODE.rowDescription) >= 0) {
        replica.wires.postgres.tap = undefined;
        change(bytes);
      }
      return true;
    };
  }

  it.each<[string, (bytes: Buffer) => void]>([
    ['has more columns than bytes', manyColumns(CODE.rowDescription)],
    ['has a row of more columns than bytes', manyColumns(CODE.dataRow)],
    [
      'has text that never ends',
      (bytes) => {
        const at = messageAt(bytes, CODE.rowDescription);
        bytes.fill(0x41, at + 5).writeUInt8(CODE.error, at);
        bytes.writeUInt32BE(bytes.length - at - 1, at + 1);
      },
    ],
    ['is of no protocol', (bytes) => void bytes.fill('HTTP/1.1 400 Bad Request\r\n')],
  ])('%s fails the request it is for, and nothing else', async (_what, change) => {
    const { bearer } = await site.viewerWithRental();
    expect((await replica.ask(bearer)).status).toBe(200);
    damage(change);
    const outcome = (promise: Promise<PlayerAnswer>) =>
      promise.then(({ status }) => status).catch((error: Error) => error.message);
    expect(await outcome(replica.ask(bearer))).toBe(503);
    expect(await outcome(replica.ask(bearer))).toBe(200);
  });
});
