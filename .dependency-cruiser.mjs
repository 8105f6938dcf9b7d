// Boundaries of the code, checked by `npm run lint`. Each rule's comment is the reason a reviewer would give.

// Files that are run by tests and tools only; what ships is everything else under apps/ and libs/.
const specs = '[.](?:e2e-)?spec[.]ts$';
const testSupport = '^(?:apps|libs)/[^/]+/(?:test-support|src/testing)/';
// The database for development and the API's client are libs that nothing of ours ships with.
const notShipped = '^libs/(?:api-client|embedded-postgres)/';
const productionSources = { path: '^(?:apps|libs)/', pathNot: [specs, testSupport, notShipped] };

// Nest's HTTP side, by package; `@nestjs/common` and `@nestjs/core` alone are allowed where DI is wanted.
const httpPackages = 'node_modules/(?:@nestjs/platform-|@nestjs/terminus|@fastify/|fastify(?:/|$)|express(?:/|$))';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'expressplay-client-is-framework-free',
      severity: 'error',
      comment:
        'The ExpressPlay client is a lib anyone may use, from a script as well as from a service: it knows HTTP as a client ' +
        'does, and nothing of Nest.',
      from: { path: '^libs/expressplay/', pathNot: specs },
      to: { path: 'node_modules/(?:@nestjs/|nestjs-)' },
    },
    {
      name: 'below-license-tokens-no-http',
      severity: 'error',
      comment:
        'Nothing below license-tokens knows that it is called over HTTP, so that the same code serves a script, a job or ' +
        'another transport, and status codes are picked in one place.',
      from: {
        path: '^libs/(?:clock|configuration|database|embedded-postgres|expressplay)/',
        pathNot: specs,
      },
      to: { path: [httpPackages, '^libs/platform/src/http/'] },
    },
    {
      name: 'building-blocks-stand-alone',
      severity: 'error',
      comment:
        'The ExpressPlay client, the client of our own API and the clock have errors and types of their own and stand on packages ' +
        'alone: what they mean to this service is said by those who use them.',
      from: { path: '^libs/(api-client|platform/src/clock|expressplay)/', pathNot: specs },
      to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/platform/src/clock/'] },
    },
    {
      name: 'services-do-not-know-http',
      severity: 'error',
      comment:
        'Services, repositories and rules take values and throw domain errors; requests, replies and headers stay in controllers, ' +
        'guards and filters.',
      from: { path: '^apps/.+[.](?:service|repository|rules)[.]ts$' },
      to: { path: [httpPackages, '^libs/platform/src/http/'] },
    },
    {
      name: 'rules-are-pure',
      severity: 'error',
      comment:
        'The rules of who may play what are functions of values: they need no module, no database and no network to be tested ' +
        'as a table.',
      from: { path: '^apps/.+[.]rules[.]ts$' },
      to: { path: ['node_modules/', '^libs/(?!platform/src/clock/)'] },
    },
    {
      name: 'entitlements-do-not-know-expressplay',
      severity: 'error',
      comment:
        'Whether somebody may play a title does not depend on who issues the token for it; only license-tokens brings the two ' +
        'together.',
      from: { path: '^apps/entitlement/src/(?:entitlements|purchases)/' },
      to: { path: ['^libs/expressplay/', '^apps/entitlement/src/license-tokens/'] },
    },
    {
      name: 'only-repositories-know-prisma',
      severity: 'error',
      comment:
        'Only repositories (and the database lib under them) know Prisma, so that a query is looked for in one kind of file and ' +
        'the rest speaks in the words of the domain.',
      from: {
        path: '^(?:apps|libs)/',
        pathNot: ['[.]repository[.]ts$', '^libs/(?:platform/src/database|embedded-postgres)/', specs],
      },
      to: { path: ['node_modules/(?:@prisma/|prisma/|pg/)', '^libs/platform/src/database/generated/'] },
    },
    {
      name: 'no-app-imports-another',
      severity: 'error',
      comment:
        'Apps are deployed apart and meet over HTTP; what two of them share is a lib. An emulator that shared code with the ' +
        'service could not prove the service right.',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'the-command-line-is-the-service-told-otherwise',
      severity: 'error',
      comment:
        'The command line asks the questions of the service with its own rules, queries and settings, so that the two cannot ' +
        'disagree; it needs none of what answers over HTTP.',
      from: { path: '^apps/entitlement/src/cli(?:/|[.]ts$)' },
      to: {
        path: '^apps/entitlement/src/.+[.](?:controller|guard|interceptor|module)[.]ts$',
      },
    },
    {
      name: 'no-lib-imports-an-app',
      severity: 'error',
      comment: 'Libs are what apps stand on; a lib that imports an app belongs in that app.',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'libs-by-their-name',
      severity: 'error',
      comment:
        'A lib is entered through its index (`@app/<lib>`): what the index does not export is its own business and may change.',
      from: { path: '^(?:apps|scripts|test|bench)/' },
      to: { path: '^libs/', pathNot: ['^libs/(?:platform/src/)?[^/]+/(?:src/)?index[.]ts$', '/testing[.]ts$'] },
    },
    {
      name: 'libs-by-their-name-among-libs',
      severity: 'error',
      comment: 'The same among libs: one lib enters another through its index.',
      from: { path: '^libs/((?:platform/src/)?[^/]+)/' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/(?:platform/src/)?[^/]+/(?:src/)?index[.]ts$'] },
    },
    {
      name: 'production-does-not-import-tooling',
      severity: 'error',
      comment:
        'What ships must run from dist and production dependencies alone: tests, scripts, the embedded database and the client of ' +
        'our own API are not there.',
      from: productionSources,
      to: { path: ['^(?:test|scripts|bench)/', testSupport, notShipped] },
    },
    {
      name: 'production-does-not-import-dev-dependencies',
      severity: 'error',
      comment:
        'The image is installed without devDependencies: an import of one works on every machine but the one that matters.',
      from: productionSources,
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        // What is imported only when it is wanted (readable logs in development) may be absent.
        dynamic: false,
        pathNot: 'node_modules/@types/',
      },
    },
    {
      name: 'dependencies-are-declared',
      severity: 'error',
      comment: 'A package that is imported but not in package.json is there by luck, and leaves with somebody else.',
      from: { path: '^(?:apps|libs|scripts|prisma|test|bench)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      comment: 'An import that leads nowhere escapes every other rule here.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'specs-are-not-imported',
      severity: 'error',
      comment:
        'A spec that others import is a helper in disguise, and runs its tests twice: move the shared part to a file of its own.',
      from: {},
      to: { path: specs },
    },
    {
      name: 'no-circular-dependencies',
      severity: 'error',
      comment: 'In a circle nothing can be understood, tested or taken out alone, and ESM hands out half-made modules.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A file that nothing imports and that imports nothing is forgotten code; remove it or use it.',
      from: {
        orphan: true,
        path: '^(?:apps|libs|scripts|prisma|test|bench)/',
        pathNot: [specs, '[.]d[.]ts$', '/(?:main|cli)[.]ts$', '^scripts/'],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^libs/platform/src/database/generated/'] },
    exclude: { path: ['^dist/', '[.]config[.]ts$'] },
    tsPreCompilationDeps: true,
    // The client has a package.json of its own, and is tested with what the root has.
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
    reporterOptions: { text: { highlightFocused: true } },
  },
};
