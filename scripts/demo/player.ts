// A viewer's player in the demo: asks for licence tokens over HTTP, and looks into them as only the emulator can.
import type { Stack } from '../stack/stack.js';

/** What a player asks. */
export interface PlayerRequest {
  user: string;
  contentId: string;
  drm: 'playready' | 'fairplay';
  offline?: boolean;
}

/** The parts of an answer the demo looks at. */
export interface PlayerAnswer {
  status: number;
  body: {
    code?: string;
    reason?: string;
    token?: string;
    licenseUrl?: string;
    rights?: { type: string; endsAt: string | null; playDurationSeconds: number | null; persistent: boolean };
  };
}

/** What the emulator says a token carries. */
export interface CarriedParameters {
  [name: string]: string | string[] | undefined;
}

export class Player {
  constructor(private readonly stack: Stack) {}

  /** Asks with the viewer's bearer token. */
  async ask({ user, ...body }: PlayerRequest): Promise<PlayerAnswer> {
    const bearer = await this.stack.issuer.token({ user, scope: 'playback', expiresInSeconds: 60 });
    return this.send(body, { authorization: `Bearer ${bearer}` });
  }

  /** Asks without saying who. */
  askAnonymously({ contentId, drm }: Omit<PlayerRequest, 'user'>): Promise<PlayerAnswer> {
    return this.send({ contentId, drm }, {});
  }

  /** The parameters a token carries. */
  async carried(token: string): Promise<CarriedParameters> {
    const answer = await fetch(`${this.stack.emulatorUrl}/emulator/tokens/${token}`);
    if (!answer.ok) throw new Error(`The emulator does not know the token (HTTP ${answer.status}).`);
    return ((await answer.json()) as { parameters: CarriedParameters }).parameters;
  }

  /** Redeems a licence URL as the player's DRM would, and answers with the licence the server grants. */
  async redeem(licenseUrl: string): Promise<{ status: number; license: Record<string, unknown> }> {
    const answer = await fetch(licenseUrl, { method: 'POST' });
    return { status: answer.status, license: (await answer.json()) as Record<string, unknown> };
  }

  private async send(body: object, headers: Record<string, string>): Promise<PlayerAnswer> {
    const answer = await fetch(`${this.stack.serviceUrl}/v1/license-tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as PlayerAnswer['body'] };
  }
}
