// Tells of every answer that a server gives, for counting them: those of routes, and those to what no route ever saw.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { codeOfStatus, problemOf, type ProblemCode } from '@app/platform/problems';
import { Listeners } from '@app/platform/telemetry';

/** How a request ended; `aborted` when its connection did before the answer was whole. */
export type AnswerOutcome = 'ok' | 'aborted' | ProblemCode;

/** A request that has been answered, or never will be. */
export interface Answered {
  /** The route's pattern, such as `/v1/contents/:id`; undefined when there is none on the listener that was asked. */
  readonly route: string | undefined;
  /** Undefined when what came could not be read as a request. */
  readonly method: string | undefined;
  readonly outcome: AnswerOutcome;
  /** From the end of the request's headers to the end of the answer; undefined when there were no headers. */
  readonly seconds: number | undefined;
}

/** The answers of one application, on all its listeners. */
export class Answers {
  readonly #listeners = new Listeners<Answered>('answers');
  readonly #routes = new WeakMap<IncomingMessage, string>();
  readonly #unreadable = new WeakMap<ServerResponse, ProblemCode>();

  /** Calls `listener` with every answer from now on, until the answer is called. */
  subscribe(listener: (answered: Answered) => void): () => void {
    return this.#listeners.subscribe(listener);
  }

  /** Watches the requests of a server. */
  watch(server: Server): void {
    // First, so that the time that others take is counted, and answers that they give at once are seen.
    server.prependListener('request', (request, response) => {
      const begun = performance.now();
      response.once('close', () => {
        this.#listeners.report({
          route: this.#routes.get(request),
          method: request.method,
          outcome: this.outcomeOf(response),
          seconds: (performance.now() - begun) / 1000,
        });
      });
    });
  }

  /** A request has been found to be for a route. */
  routed(request: IncomingMessage, pattern: string): void {
    this.#routes.set(request, pattern);
  }

  /**
   * Something that is not HTTP was answered, past every route.
   * @param response what was being answered when it came, if anything was: then it is the end of that request
   */
  unreadable(code: ProblemCode, response?: ServerResponse | null): void {
    if (response) this.#unreadable.set(response, code);
    else this.#listeners.report({ route: undefined, method: undefined, outcome: code, seconds: undefined });
  }

  /** How a request ended that is over. */
  outcomeOf(response: ServerResponse): AnswerOutcome {
    const unreadable = this.#unreadable.get(response);
    if (unreadable !== undefined) return unreadable;
    if (!response.writableFinished) return 'aborted';
    return problemOf(response) ?? (response.statusCode < 400 ? 'ok' : codeOfStatus(response.statusCode));
  }
}
