#!/bin/sh
# Installs what the image ships into node_modules of the current folder, from package.json and package-lock.json there:
# no development dependency, no install script, nothing that only an editor or a debugger of somebody else's code reads.
set -eu

npm ci --ignore-scripts --omit=dev --omit=optional
find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete
# Prisma brings a query compiler for each kind of database, in four forms: 90 MB. This is PostgreSQL, as an ES module.
find node_modules/@prisma/client/runtime -type f -name 'query_compiler_*' ! -name '*.postgresql.*mjs' -delete
