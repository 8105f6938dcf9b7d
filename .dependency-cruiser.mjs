// Boundaries of the code, checked by `npm run lint`. Each rule's comment is the reason a reviewer would give. Forgotten files and
// packages that are not declared are found by `npm run lint:unused`.

// Files that are run by tests and tools only; what ships is everything else under apps/ and libs/.
const specs = '[.](?:e2e-)?spec[.]ts$';
const testSupport = ['^(?:apps|libs)/[^/]+/(?:test-support|src/testing)/', '/testing[.]ts$'];
// The database for development and the API's client are libs that nothing of ours ships with.
const notShipped = '^libs/(?:api-client|embedded-postgres)/';
const productionSources = { path: '^(?:apps|libs)/', pathNot: [specs, ...testSupport, notShipped] };

// HTTP's side of it; `@nestjs/common` and `@nestjs/core` alone are allowed where DI is wanted.
const http = [
  'node_modules/(?:@nestjs/platform-|@nestjs/terminus|@fastify/|fastify(?:/|$)|express(?:/|$))',
  '^libs/platform/src/http/',
];

const forbidden = [
  {
    name: 'expressplay-client-is-framework-free',
    comment: 'Anyone may use it, from a script as well as from a service: it knows nothing of Nest.',
    from: { path: '^libs/expressplay/', pathNot: specs },
    to: { path: 'node_modules/(?:@nestjs/|nestjs-)' },
  },
  {
    name: 'building-blocks-stand-alone',
    comment:
      'The ExpressPlay client, the client of our own API and the clock have errors and types of their own: what they mean to this ' +
      'service is said by those who use them.',
    from: { path: '^libs/(api-client|platform/src/clock|expressplay)/', pathNot: specs },
    to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/platform/src/clock/'] },
  },
  {
    name: 'services-do-not-know-http',
    comment:
      'Services, repositories, rules and what they stand on take values and throw domain errors, for a script as well as for a ' +
      'request; status codes are picked in one place.',
    from: {
      path: [
        '^apps/.+[.](?:service|repository|rules)[.]ts$',
        '^libs/(?:expressplay|embedded-postgres|platform/src/(?:clock|configuration|database))/',
      ],
      pathNot: specs,
    },
    to: { path: http },
  },
  {
    name: 'rules-are-pure',
    comment:
      'The rules of who may play what are functions of values, tested as a table without module, database or network.',
    from: { path: '^apps/.+[.]rules[.]ts$' },
    to: { path: ['node_modules/', '^libs/(?!platform/src/clock/)'] },
  },
  {
    name: 'entitlements-do-not-know-expressplay',
    comment:
      'Whether somebody may play a title does not depend on who issues the token; license-tokens brings the two together.',
    from: { path: '^apps/entitlement/src/(?:entitlements|purchases)/' },
    to: { path: ['^libs/expressplay/', '^apps/entitlement/src/license-tokens/'] },
  },
  {
    name: 'only-repositories-know-prisma',
    comment: 'A query is looked for in one kind of file, and the rest speaks in the words of the domain.',
    from: {
      path: '^(?:apps|libs)/',
      pathNot: ['[.]repository[.]ts$', '^libs/(?:platform/src/database|embedded-postgres)/', specs],
    },
    to: { path: ['node_modules/(?:@prisma/|prisma/|pg/)', '^libs/platform/src/database/generated/'] },
  },
  {
    name: 'nothing-stands-on-an-app',
    comment:
      'Apps are deployed apart and meet over HTTP; what two of them share is a lib. An emulator that shared code with the ' +
      'service could not prove the service right.',
    from: { path: '^(apps/[^/]+|libs)/' },
    to: { path: '^apps/', pathNot: '^$1/' },
  },
  {
    name: 'the-command-line-is-the-service-told-otherwise',
    comment:
      "It asks the service's questions with the service's rules and queries; it needs none of what answers over HTTP.",
    from: { path: '^apps/entitlement/src/cli(?:/|[.]ts$)' },
    to: { path: '^apps/entitlement/src/.+[.](?:controller|guard|interceptor|module)[.]ts$' },
  },
  {
    name: 'libs-by-their-name',
    comment:
      'A lib is entered through its index (`@app/<lib>`): what that does not export is its own business and may change.',
    from: { path: '^(apps|scripts|test|bench|libs/(?:platform/src/)?[^/]+)/' },
    to: { path: '^libs/', pathNot: ['^$1/', '^libs/(?:platform/src/)?[^/]+/(?:src/)?index[.]ts$', '/testing[.]ts$'] },
  },
  {
    name: 'production-does-not-import-tooling',
    comment:
      'What ships runs from dist and production dependencies alone: tests, scripts and the embedded database are not there.',
    from: productionSources,
    to: { path: ['^(?:test|scripts|bench)/', ...testSupport, notShipped] },
  },
  {
    name: 'production-does-not-import-dev-dependencies',
    comment: 'The image is installed without devDependencies: such an import works everywhere but where it matters.',
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
    name: 'everything-resolves',
    comment: 'An import that leads nowhere escapes every other rule here.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'specs-are-not-imported',
    comment: 'A spec that others import is a helper in disguise, and runs its tests twice.',
    from: {},
    to: { path: specs },
  },
  {
    name: 'no-circular-dependencies',
    comment: 'In a circle nothing can be understood, tested or taken out alone, and ESM hands out half-made modules.',
    from: {},
    to: { circular: true },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: forbidden.map((rule) => ({ ...rule, severity: 'error' })),
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
  },
};
