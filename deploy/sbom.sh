#!/bin/sh
# `npm run sbom`: writes dist/sbom.cdx.json, npm's CycloneDX list of the packages that the image gets, with licences and checksums.
# Of a tree without the others: `npm sbom --omit dev` would leave out each package that a tool needs as well.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# npm calls the project after its folder.
tree=$work/expressplay-entitlement-bff
mkdir -p "$tree" dist
cp package.json package-lock.json .npmrc deploy/production-tree.sh "$tree"
(cd "$tree" && sh production-tree.sh >&2 && npm pkg delete devDependencies &&
  npm sbom --sbom-format cyclonedx --sbom-type application) >"$work/sbom.json"
mv "$work/sbom.json" dist/sbom.cdx.json
echo "dist/sbom.cdx.json: $(grep -c '"bom-ref": ' dist/sbom.cdx.json) packages, the service included"
