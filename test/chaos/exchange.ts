// One request and its answer, as far as it comes.

/** A caller's patience. */
const PATIENCE_MS = 60_000;

export interface Exchange {
  method: 'POST' | 'PUT' | 'GET';
  bearer?: string;
  body?: string;
  type?: string;
  /** Hears an answer piece by piece. */
  hear?: (text: string) => void;
}

/** An answer; of one that broke there is nothing but what was heard before. */
export interface Answer {
  status: number | null;
  body: Record<string, unknown>;
}

export async function exchange(url: string, asked: Exchange): Promise<Answer> {
  const { method, bearer, body, type = 'application/json', hear } = asked;
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (bearer !== undefined) headers['Authorization'] = `Bearer ${bearer}`;
  if (body !== undefined) headers['Content-Type'] = type;
  try {
    const answer = await fetch(url, { method, headers, body: body ?? null, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (hear === undefined || !answer.ok) {
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    }
    const decoder = new TextDecoder();
    for await (const bytes of answer.body ?? []) hear(decoder.decode(bytes as Uint8Array, { stream: true }));
    return { status: answer.status, body: {} };
  } catch {
    return { status: null, body: {} };
  }
}
