/** @module Interface tenon:test/counters **/
export function live(): number;
export function dropped(): number;
export function sum(all: Array<Counter>): number;
export function pass(c: Counter): Counter;
export function make(n: number): Array<Counter>;
export function consume(all: Array<Counter>): number;
export function maybe(c: Counter | undefined): Counter | undefined;
export function keep(c: Counter): void;
export function take(): Counter | undefined;

export class Counter implements Disposable {
  constructor(name: string, start: number)
  name(): string;
  get(): number;
  add(n: number): void;
  clone(): Counter;
  static merge(a: Counter, b: Counter): Counter;
  checkedSub(n: number): number;
  [Symbol.dispose](): void;
}
