/** @module Interface tenon:test/tokens **/
export function describe(t: Token): string;
export function collect(all: Array<Token>): number;
export function issue(n: number): Array<Token>;

export class Token {
  constructor(label: string)
  label(): string;
  static join(a: Token, b: Token): Token;
}
