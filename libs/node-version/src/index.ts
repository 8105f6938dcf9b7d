// Whether this Node can run what is here. It imports nothing: an old Node fails at the imports of everything else.

/** As `engines` of package.json has it. */
const OLDEST = [20, 19] as const;

/** What to tell whoever runs a Node of this version; undefined when it is new enough. */
export function oldNodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return isOld ? `Node ${version} is too old: ${OLDEST.join('.')} or newer is needed.` : undefined;
}

/** Ends the process with a sentence where Node is too old. Call it first, and import the rest after it, with `import()`. */
export function requireNode(exitCode = 1): void {
  const problem = oldNodeProblem(process.versions.node);
  if (problem === undefined) return;
  process.stderr.write(`${problem}\n`);
  process.exit(exitCode);
}
