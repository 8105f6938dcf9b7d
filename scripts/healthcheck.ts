// The image's HEALTHCHECK: exit code 0 when what runs in this container answers well, 1 when it does not.
// Without an argument it asks whether the service on PORT is ready; an argument is a URL to ask instead.
import { runCommand } from './support/run-command.js';

const TIMEOUT_MS = 4000;

await runCommand(async () => {
  const url = process.argv[2] ?? `http://127.0.0.1:${process.env.PORT || 3000}/health/ready`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((cause: unknown) => {
    throw new Error(`${url} does not answer.`, { cause });
  });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${body}`);
});
