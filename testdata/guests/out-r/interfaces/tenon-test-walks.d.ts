/** @module Interface tenon:test/walks **/
export function makeAndDrop(): string;
export function lend(t: Token): string;
export function pass(t: Token): Token;
export function round(n: number): number;
export function swallow(t: Token): void;
export function useAfterDrop(): string;
export function dropTwice(): void;
export function forged(): string;
export function keepBorrow(t: Token): void;
export type Token = import('./tenon-test-tokens.js').Token;
