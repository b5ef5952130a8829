import {counters as C, walks as W} from './v.js'; import {Token} from './imp.js';
const a=new C.Counter('é',5), b=new C.Counter('b',7); a.add(3);
console.log(a.name(),a.get(),C.sum([a,b]),C.live());
const m=C.Counter.merge(a,b); console.log(m.get(),C.live(),C.dropped());
try{m.checkedSub(99)}catch(e){console.log(e.payload)} console.log(m.checkedSub(5));
const l=C.make(3); console.log(l.map(x=>x.get()),C.live(),C.consume(l),C.live());
C.keep(C.pass(m)); const t=C.take(); console.log(t.get(),C.take()); console.log(C.maybe(undefined), C.maybe(t).get());
console.log(W.makeAndDrop()); const k=new Token('k'); console.log(W.lend(k)); console.log(W.pass(k).l, W.round(3)); W.swallow(new Token('s'));
for (const f of ['useAfterDrop','dropTwice','forged']) try{W[f]();console.log(f,'no trap')}catch(e){console.log(f,String(e).slice(0,80))}
