// Players that ask for licence tokens all the time, while a test changes something under them.
import type { TestService } from './test-service.js';

/** What a player was answered. */
export interface Answer {
  status: number;
  code: unknown;
  token: unknown;
}

const PLAYERS = 8;
/** Alice owns these; the titles and DRMs that each of her players asks for in turn. */
const REQUESTS = ['sintel', 'tears-of-steel'].flatMap((contentId) =>
  (['playready', 'fairplay', 'widevine'] as const).map((drm) => ({ contentId, drm })),
);

export class Load {
  readonly answers: Answer[] = [];
  readonly #players: Promise<void>[];
  #ended = false;

  private constructor(private readonly service: TestService) {
    this.#players = Array.from({ length: PLAYERS }, (_, player) => this.#play(player));
  }

  /** Runs `work` while the players ask, and answers with what they got from the first request to the last. */
  static async during(service: TestService, work: (load: Load) => Promise<void>): Promise<Answer[]> {
    const load = new Load(service);
    try {
      await load.more(PLAYERS);
      await work(load);
      await load.more(PLAYERS);
    } finally {
      load.#ended = true;
      await Promise.all(load.#players);
    }
    return load.answers;
  }

  /** Waits until the players have as many answers more, all but the first ones to requests that were sent after the call. */
  async more(count = 4 * PLAYERS): Promise<void> {
    const wanted = this.answers.length + count;
    await this.until(() => this.answers.length >= wanted);
  }

  /** Waits until something holds; it is looked at after each answer. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.service.http().get('/health/live');
  }

  async #play(player: number): Promise<void> {
    for (let turn = player; !this.#ended; turn += 1) {
      const { status, body } = await this.service.ask('alice', REQUESTS[turn % REQUESTS.length] ?? {});
      this.answers.push({ status, code: body.code, token: body.token });
    }
  }
}

/** The answers that were no token. */
export function lost(answers: readonly Answer[]): Answer[] {
  return answers.filter(({ status, token }) => status !== 200 || typeof token !== 'string');
}
