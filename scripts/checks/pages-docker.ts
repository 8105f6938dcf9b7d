// Whether the Docker commands of a page fit docker-compose.yml and the Dockerfile, found without an engine.
import { parse } from 'yaml';
import { sortArguments } from './pages-commands.js';
import type { Repository } from './pages-repository.js';

interface ComposeFile {
  services: Record<string, { image?: string; entrypoint?: string[]; command?: string[]; build?: object }>;
}

const COMPOSE_FILE = 'docker-compose.yml';
/** Options that each subcommand of `docker compose` may have here. */
const SUBCOMMANDS: Record<string, readonly string[]> = {
  up: ['--build', '--wait', '-d', '--detach'],
  down: ['--volumes', '-v'],
  run: ['--rm', '-T', '--no-deps'],
  exec: ['-T'],
  logs: ['-f', '--follow', '--tail'],
  ps: [],
  build: [],
  stop: [],
  restart: [],
};
const WITH_VALUE = ['-f', '-t', '--tag', '--build-arg', '--label', '--format', '--tail'];

/** What is wrong with `docker <args>`, a line each. */
export function findingsOfDocker(args: readonly string[], repository: Repository): string[] {
  const [first = '', ...rest] = args;
  if (first === 'compose') return findingsOfCompose(rest, repository);
  if (first === 'build') return findingsOfBuild(rest, repository);
  if (['push', 'tag'].includes(first)) return imagesAmong(rest, repository);
  if (first === 'image' && rest[0] === 'inspect') return imagesAmong(rest.slice(1), repository);
  return [`nobody can tell whether docker ${first} is right`];
}

/** What is wrong with the arguments of an image build (`docker build`, `minikube image build`). */
export function findingsOfBuild(args: readonly string[], repository: Repository): string[] {
  const { words, options } = sortArguments(args, WITH_VALUE);
  const findings: string[] = [];
  for (const file of options.get('-f') ?? ['Dockerfile']) {
    if (!repository.files.includes(file)) findings.push(`there is no ${file}`);
  }
  if (words.join(' ') !== '.') findings.push('an image is built from the folder of the clone, `.`');
  for (const tag of [...(options.get('-t') ?? []), ...(options.get('--tag') ?? [])]) {
    findings.push(...imagesAmong([tag], repository));
  }
  return findings;
}

/** What is wrong with the image names among some words. */
export function imagesAmong(words: readonly string[], repository: Repository): string[] {
  const ours = repositoryOf(imageOf(compose(repository)));
  return words
    .filter((word) => !word.startsWith('-') && !word.includes('{{'))
    .filter((image) => repositoryOf(image) !== ours)
    .map((image) => `${image} is not ${ours}, the image of ${COMPOSE_FILE}`);
}

function findingsOfCompose(args: readonly string[], repository: Repository): string[] {
  const [subcommand = '', ...rest] = args;
  const allowed = SUBCOMMANDS[subcommand];
  if (allowed === undefined) return [`nobody can tell whether docker compose ${subcommand} is right`];
  // What follows the service is the container's own.
  const takesCommand = subcommand === 'run' || subcommand === 'exec';
  const own = takesCommand ? rest.slice(0, rest.findIndex((arg) => !arg.startsWith('-')) + 1) : rest;
  const { words, options } = sortArguments(own, WITH_VALUE);
  const { services } = compose(repository);
  const findings = [
    ...[...options.keys()].filter((option) => !allowed.includes(option)).map((option) => `${subcommand} ${option}?`),
    ...words.filter((name) => services[name] === undefined).map((name) => `${COMPOSE_FILE} has no service ${name}`),
  ];
  const [name = ''] = words;
  const service = services[name];
  if (!takesCommand || service === undefined) return findings;
  const given = rest.slice(own.length);
  if (subcommand === 'exec') return [...findings, ...repository.findingsOfContainerCommand(given)];
  const command = given.length > 0 && service.entrypoint === undefined ? given : (service.command ?? []);
  return [...findings, ...repository.findingsOfContainerCommand([...(service.entrypoint ?? []), ...command])];
}

function compose(repository: Repository): ComposeFile {
  return parse(repository.read(COMPOSE_FILE), { merge: true }) as ComposeFile;
}

/** The image that the services are built as. */
function imageOf({ services }: ComposeFile): string {
  return Object.values(services).find(({ build }) => build !== undefined)?.image ?? '';
}

function repositoryOf(image: string): string {
  return (image.split('/').at(-1) ?? '').replace(/[:@].*$/, '');
}
