// A body that can be left before it has ended, without breaking the connection that the answer still needs.
import { PassThrough, type Readable } from 'node:stream';

/** What a body brings until a signal aborts. A body that breaks off breaks `content`, too. */
export class StoppableBody {
  readonly content = new PassThrough();
  #left = false;
  #broken = false;

  constructor(body: Readable, stop: AbortSignal) {
    const leave = () => {
      this.#left = !body.readableEnded;
      body.unpipe(this.content);
      this.content.end();
    };
    const breakOff = () => {
      if (body.readableEnded || this.content.destroyed) return;
      this.#broken = true;
      this.content.destroy(new Error('the body broke off'));
    };
    stop.addEventListener('abort', leave, { once: true });
    // Whoever reads the content is told of errors by the reading.
    this.content.on('error', () => undefined).once('close', () => stop.removeEventListener('abort', leave));
    body.once('error', breakOff).once('close', breakOff).pipe(this.content);
  }

  /** Whether it was left with more to come. */
  get left(): boolean {
    return this.#left;
  }

  /** Whether it broke off: then nobody is there to be told anything. */
  get broken(): boolean {
    return this.#broken;
  }
}
