export class Token { constructor(l){this.l=l;} label(){return this.l} static join(a,b){return new Token(a.l+'+'+b.l)} [Symbol.dispose](){ console.log('drop',this.l) } }
export const describe=t=>'token '+t.l;
export const collect=a=>a.length;
export const issue=n=>Array.from({length:n},(_,i)=>new Token('i'+i));
