// `npm run build` in a Node that its packages fail in: older ones bring an npm that does not know `devEngines`.
// `libs/platform/src/node-version` has the same rule for what is built.
const [major, minor, patch] = process.versions.node.split('.').map(Number);
if (!(major >= 24 || (major === 22 && minor >= 15) || (major === 20 && minor * 100 + patch >= 1905))) {
  console.error(`Node ${process.versions.node} is too old: 20.19.5, 22.15 or 24, or newer, is needed.`);
  process.exitCode = 1;
}
