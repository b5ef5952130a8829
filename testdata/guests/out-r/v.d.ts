// world root:component/root
export type * as TenonTestTokens from './interfaces/tenon-test-tokens.js'; // import tenon:test/tokens
export * as counters from './interfaces/tenon-test-counters.js'; // export tenon:test/counters
export * as walks from './interfaces/tenon-test-walks.js'; // export tenon:test/walks
