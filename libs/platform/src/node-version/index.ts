// Whether this Node can run what is here. It imports nothing: an old Node fails at the imports of everything else.

/** What to tell whoever runs a Node of this version; undefined when it is one of `engines` of package.json. */
export function oldNodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const isGood = major >= 24 || (major === 22 && minor >= 15) || (major === 20 && minor * 100 + patch >= 1905);
  return isGood ? undefined : `Node ${version} is too old: 20.19.5, 22.15 or 24, or newer, is needed.`;
}

/** Ends the process with a sentence where Node is too old. Call it first, and import the rest after it, with `import()`. */
export function requireNode(exitCode = 1): void {
  const problem = oldNodeProblem(process.versions.node);
  if (problem === undefined) return;
  process.stderr.write(`${problem}\n`);
  process.exit(exitCode);
}
