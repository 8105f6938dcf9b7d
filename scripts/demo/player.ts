// A viewer's player in the demo: asks for licence tokens over HTTP, and looks into them as only the emulator can.
import type { Stack } from '../stack/stack.js';

export interface PlayerRequest {
  /** Without one no bearer token is sent. */
  user?: string;
  contentId: string;
  drm: 'playready' | 'fairplay';
}

/** The parts of an answer the demo looks at. */
export interface PlayerAnswer {
  status: number;
  body: { code?: string; reason?: string; token?: string; licenseUrl?: string; rights?: object };
}

/** What the emulator says a token carries. */
export type CarriedParameters = Record<string, string | string[] | undefined>;

export class Player {
  constructor(private readonly stack: Stack) {}

  /** Asks with the viewer's bearer token, or with none. */
  async ask({ user, ...body }: PlayerRequest): Promise<PlayerAnswer> {
    const claims = user === undefined ? undefined : { user, scope: 'playback', expiresInSeconds: 60 };
    const answer = await fetch(`${this.stack.serviceUrl}/v1/license-tokens`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(claims && { authorization: `Bearer ${await this.stack.issuer.token(claims)}` }),
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as PlayerAnswer['body'] };
  }

  /** The parameters a token carries. */
  async carried(token: string): Promise<CarriedParameters> {
    const answer = await fetch(`${this.stack.emulatorUrl}/emulator/tokens/${token}`);
    if (!answer.ok) throw new Error(`The emulator does not know the token (HTTP ${answer.status}).`);
    return ((await answer.json()) as { parameters: CarriedParameters }).parameters;
  }

  /** Redeems a licence URL as the player's DRM would, and answers with the licence the server grants. */
  async redeem(licenseUrl: string): Promise<{ status: number; license: unknown }> {
    const answer = await fetch(licenseUrl, { method: 'POST' });
    return { status: answer.status, license: await answer.json() };
  }
}
