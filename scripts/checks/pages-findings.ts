// Every command of a page's `sh` blocks, classified and held against the repository. One that nobody can judge is a finding.
import { commandsOf, type Command } from './pages-commands.js';
import { findingsOfBuild, findingsOfDocker, imagesAmong } from './pages-docker.js';
import { findingsOfKubectl, type Manifest } from './pages-kubectl.js';
import type { Repository } from './pages-repository.js';
import { snippetsOf } from './snippets.js';

/** The pages whose commands people follow. */
export const PAGES_TO_FOLLOW = [
  'README.md',
  'docs/getting-started.md',
  'docs/upgrade.md',
  'docs/backup.md',
  'docs/runbook.md',
];

/** Programs that only pass text on, or that read and write a database in ways that a rehearsal tries. */
const FILTERS = new Set(['tr', 'sed', 'cat', 'grep', 'gzip', 'gunzip', 'sort', 'head', 'mkdir', 'sha256sum', 'date']);
const DATABASE_TOOLS = new Set(['psql', 'pg_dump', 'pg_restore', 'createdb', 'dropdb']);

/**
 * What is wrong with a page's commands, each with its place.
 * @param manifests those of the overlays; undefined where kubectl cannot render them, and then its commands are not looked at
 */
export function findingsOfPage(page: string, repository: Repository, manifests?: readonly Manifest[]): string[] {
  const blocks = snippetsOf(repository.read(page)).filter(({ language }) => language === 'sh');
  return blocks.flatMap(({ text, line }) =>
    findingsOfBlock(text, repository, manifests).map((finding) => `${page}:${line}  ${finding}`),
  );
}

/** What is wrong with a block of shell. */
export function findingsOfBlock(text: string, repository: Repository, manifests?: readonly Manifest[]): string[] {
  try {
    return commandsOf(text).flatMap((command) => findingsOfCommand(command, repository, manifests));
  } catch (error) {
    return [`the shell does not understand it: ${(error as Error).message}`];
  }
}

function findingsOfCommand(
  { program, args }: Command,
  repository: Repository,
  manifests: readonly Manifest[] | undefined,
): string[] {
  switch (program) {
    case 'npm':
      return repository.findingsOfNpm(args);
    case 'node':
      return repository.findingsOfNode(args);
    case 'curl':
      return repository.findingsOfCurl(args);
    case 'docker':
      return findingsOfDocker(args, repository);
    case 'kind':
      return args.slice(0, 2).join(' ') === 'load docker-image'
        ? imagesAmong(args.slice(2), repository)
        : [`nobody can tell whether kind ${args.join(' ')} is right`];
    case 'minikube':
      return args.slice(0, 2).join(' ') === 'image build'
        ? findingsOfBuild(args.slice(2), repository)
        : [`nobody can tell whether minikube ${args.join(' ')} is right`];
    case 'kubectl':
      return manifests === undefined ? [] : findingsOfKubectl(args, repository, manifests);
    case 'git':
      return ['tag', 'push', 'commit', 'switch', 'diff', 'log', 'status'].includes(args[0] ?? '')
        ? []
        : [`git ${args[0]}?`];
    default:
      if (FILTERS.has(program) || DATABASE_TOOLS.has(program)) return [];
      return [`nobody can tell whether ${program} is right`];
  }
}
