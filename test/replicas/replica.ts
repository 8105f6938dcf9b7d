// One process of the service, with a wire on each of its sides: to players, to Postgres and to ExpressPlay.
import { ServiceProcess } from '../support/service-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** What a process needs to run. */
export interface ReplicaSpec {
  emulatorUrl: string;
  databaseUrl: string;
  environment: Record<string, string>;
}

/** A token, as a player gets it. */
export interface PlayerAnswer {
  status: number;
  body: { id: string; token: string; rights: { endsAt: string; playDurationSeconds: number } };
}

const PLAYER_PATIENCE_MS = 60_000;

export class Replica {
  private constructor(
    private readonly process: ServiceProcess,
    readonly wires: { player: TcpProxy; postgres: TcpProxy; emulator: TcpProxy },
  ) {}

  static async start({ emulatorUrl, databaseUrl, environment }: ReplicaSpec): Promise<Replica> {
    const [postgres, emulator] = await Promise.all([TcpProxy.to(databaseUrl), TcpProxy.to(emulatorUrl)]);
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${postgres.port}`;
    const process = await ServiceProcess.start({
      ...environment,
      DATABASE_URL: url.href,
      EXPRESSPLAY_BASE_URL: `http://127.0.0.1:${emulator.port}`,
    });
    return new Replica(process, { player: await TcpProxy.to(process.url), postgres, emulator });
  }

  /** Where it listens, past its wire. */
  get url(): string {
    return this.process.url;
  }

  /**
   * Asks for a token of `sintel`.
   * @throws Error when the connection breaks before the answer is there
   */
  async ask(bearer: string, { drm = 'playready', offline = false } = {}): Promise<PlayerAnswer> {
    const answer = await fetch(`http://127.0.0.1:${this.wires.player.port}/v1/license-tokens`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ contentId: 'sintel', drm, offline }),
      signal: AbortSignal.timeout(PLAYER_PATIENCE_MS),
    });
    return { status: answer.status, body: (await answer.json()) as PlayerAnswer['body'] };
  }

  /** Ends the process at once; nothing that is under way is finished. */
  kill(): Promise<void> {
    return this.process.kill();
  }

  /** Ends the process in order, if it runs, and its wires. */
  async stop(): Promise<void> {
    await this.process.stop();
    await Promise.all(Object.values(this.wires).map((wire) => wire.stop()));
  }
}
