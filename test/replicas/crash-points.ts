// Where a process can die on a token's way: each is a place on one of its wires.
import type { Passage, TcpProxy } from '../support/tcp-proxy.js';
import type { Replica } from './replica.js';
import { isCommitted, isDecisionQuery, isLedgerStatement } from './statements.js';

/** One place. */
export interface CrashPoint {
  name: string;
  /** Whether ExpressPlay has issued a token by then. */
  issued: boolean;
  /** Whether the ledger has the token, and the rental its first play, by then. */
  recorded: boolean;
  /** Makes the replica die there; settles when it has. */
  arm(replica: Replica): Promise<void>;
}

type Place = (bytes: Buffer, passage: Passage) => boolean;
const toServer: Place = (_bytes, { direction }) => direction === 'to-server';
const toClient: Place = (_bytes, { direction }) => direction === 'to-client';

/** In the order of a request's way. */
export const CRASH_POINTS: CrashPoint[] = [
  {
    name: 'the decision query has gone out, its answer has not come in',
    issued: false,
    recorded: false,
    arm: (replica) => dieAt(replica, replica.wires.postgres, answerTo(isDecisionQuery)),
  },
  {
    name: 'it has decided, ExpressPlay has not been asked',
    issued: false,
    recorded: false,
    arm: (replica) => dieAt(replica, replica.wires.emulator, toServer),
  },
  {
    name: 'ExpressPlay has issued the token, its answer has not come in',
    issued: true,
    recorded: false,
    arm: (replica) => dieAt(replica, replica.wires.emulator, toClient),
  },
  {
    name: 'it has the token, the ledger statement has not reached Postgres',
    issued: true,
    recorded: false,
    arm: (replica) =>
      dieAt(replica, replica.wires.postgres, (bytes, passage) => toServer(bytes, passage) && isLedgerStatement(bytes)),
  },
  {
    name: 'Postgres has committed, its answer has not come in',
    issued: true,
    recorded: true,
    arm: (replica) => dieAt(replica, replica.wires.postgres, answerTo(isLedgerStatement, isCommitted)),
  },
  {
    name: 'it has answered, the player has not heard it',
    issued: true,
    recorded: true,
    arm: (replica) => dieAt(replica, replica.wires.player, toClient),
  },
];

/** The bytes that complete the answer to a statement. */
function answerTo(isStatement: (bytes: Buffer) => boolean, isWhole: (bytes: Buffer) => boolean = () => true): Place {
  let asked: number | undefined;
  return (bytes, { direction, connection }) => {
    if (direction === 'to-server' && isStatement(bytes)) asked = connection;
    return direction === 'to-client' && connection === asked && isWhole(bytes);
  };
}

function dieAt(replica: Replica, wire: TcpProxy, isThere: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    wire.tap = async (bytes, passage) => {
      if (!isThere(bytes, passage)) return true;
      await replica.kill().then(resolve, reject);
      return false;
    };
  });
}
