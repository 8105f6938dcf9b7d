// What happens to mounted secrets while the process runs, and how the log tells of it.
import { Logger } from '@nestjs/common';

/** One look at a file that was not as the one before. */
export interface SecretFileEvent {
  /** The variable that names the file. Neither the path nor the content is told. */
  readonly variable: string;
  /** `taken-up`: a new value is in force; `unset`: there is none any more; `refused`: the value before stays in force. */
  readonly outcome: 'taken-up' | 'unset' | 'refused';
  /** Why the content was refused; completes a sentence that begins with the variable. */
  readonly problem?: string;
}

/** Is told of each event once. */
export type SecretFileListener = (event: SecretFileEvent) => void;

const logger = new Logger('Secrets');

/** One line for each event. */
export function logSecretFileEvent({ variable, outcome, problem }: SecretFileEvent): void {
  switch (outcome) {
    case 'taken-up':
      logger.log(`${variable}: the file has changed, and its new content is in force`);
      break;
    case 'unset':
      logger.log(`${variable}: the file is empty or gone, and the secret is no longer set`);
      break;
    case 'refused':
      logger.error(`${variable}: ${problem ?? 'is malformed'}; the value before stays in force`);
      break;
  }
}
