// How a run page looks, and the script that reads values off its charts. Without the script the page says all but
// those.
#pragma once

namespace vglaw {

inline constexpr const char* page_style = R"css(
:root{color-scheme:light dark;--ground:#fbfbfc;--card:#fff;--ink:#1b1f24;--soft:#59626d;--rule:#dfe3e8;--mark:#eef4ff;
--s0:#0b5fb0;--s1:#c2410c;--s2:#147a3d;--s3:#8a2be2;--s4:#b3126b;--s5:#0b7285;--s6:#8a6100;--s7:#4b5563}
@media (prefers-color-scheme:dark){:root{--ground:#14171b;--card:#1c2026;--ink:#e7eaee;--soft:#a3adb8;--rule:#343b44;--mark:#22324a;
--s0:#6db3ff;--s1:#ff9a5c;--s2:#5fd38a;--s3:#c79bff;--s4:#ff86c0;--s5:#5fd0e6;--s6:#e6c04d;--s7:#b8c0ca}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
header,main,footer{max-width:78rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.6rem}
h1{font-size:1.65rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.25rem;margin:2.4rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--rule)}
h3{font-size:1.02rem;margin:1.4rem 0 .5rem}
p{margin:.3rem 0;max-width:46rem}
.soft,footer{color:var(--soft);font-size:.9rem}
footer{padding:2rem 1rem}
a{color:var(--s0)}
nav a{margin-right:1rem;display:inline-block;padding:.25rem 0}
ul.runs{list-style:none;margin:.6rem 0;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1.4rem}
.scroll{overflow-x:auto;margin:.6rem 0 1rem;background:var(--card);border:1px solid var(--rule);border-radius:8px}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:3px solid var(--s0);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:.55rem .8rem .1rem;font-size:.88rem}
th,td{padding:.36rem .8rem;text-align:left;white-space:nowrap;border-top:1px solid var(--rule);font-weight:400}
thead th{font-weight:600;border-top:0}
.n{text-align:right}
tbody tr:hover{background:var(--mark)}
.wrap td,.wrap th{white-space:normal;overflow-wrap:anywhere}
.wrap code{font-size:.86rem}
.grid2{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17.5rem),1fr));gap:.9rem}
figure{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:.65rem .75rem .55rem;min-width:0}
figure h4{margin:0 0 .25rem;font-size:.94rem;font-weight:600}
figcaption{font-size:.86rem}
svg.chart{display:block;width:100%;height:auto;overflow:visible;touch-action:pan-y}
svg.sample{width:26px;height:10px;vertical-align:middle;margin-right:.4rem;flex:none}
.grid{stroke:var(--rule);stroke-width:1;fill:none}
.base{stroke:var(--soft)}
.tick{fill:var(--soft);font-size:13px;font-family:inherit}
.tick.x{text-anchor:middle}.tick.y,.tick.end{text-anchor:end}.tick.start{text-anchor:start}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
.hair{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}
.line.s0{stroke:var(--s0)}.line.s1{stroke:var(--s1);stroke-dasharray:6 3}.line.s2{stroke:var(--s2);stroke-dasharray:1.5 3.5}
.line.s3{stroke:var(--s3);stroke-dasharray:9 3 2 3}.line.s4{stroke:var(--s4)}.line.s5{stroke:var(--s5);stroke-dasharray:6 3}
.line.s6{stroke:var(--s6);stroke-dasharray:1.5 3.5}.line.s7{stroke:var(--s7);stroke-dasharray:9 3 2 3}
.dot.s0{fill:var(--s0)}.dot.s1{fill:var(--s1)}.dot.s2{fill:var(--s2)}.dot.s3{fill:var(--s3)}
.dot.s4{fill:var(--s4)}.dot.s5{fill:var(--s5)}.dot.s6{fill:var(--s6)}.dot.s7{fill:var(--s7)}
ul.key{list-style:none;margin:.35rem 0 0;padding:0;font-size:.84rem}
ul.key li{display:flex;align-items:center;gap:.1rem;color:var(--soft)}
ul.key .name{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
ul.key output{color:var(--ink);font-variant-numeric:tabular-nums;margin-left:.6rem;white-space:nowrap}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));gap:.9rem}
.pictures img{display:block;width:100%;height:auto;border-radius:5px;background:#fff}
.pictures figcaption{margin-top:.4rem;overflow-wrap:anywhere}
details{margin:.6rem 0}
summary{cursor:pointer;padding:.3rem 0}
.set{font-weight:600}
@media print{.scroll{overflow:visible}figure{break-inside:avoid}}
)css";

inline constexpr const char* page_script = R"js(
for(const svg of document.querySelectorAll('svg.chart[data-x]')){
const X=svg.dataset.x.split(' ').map(Number),Y=svg.dataset.y.split(' ').map(Number),unit=svg.dataset.unit;
const outs=[...svg.closest('figure').querySelectorAll('output')],last=outs.map(o=>o.textContent);
const lines=outs.map(o=>{const p=svg.querySelector('path[data-of="'+o.dataset.of+'"]');
return p?p.getAttribute('d').slice(1).split(/[ML]/).map(t=>t.split(' ').map(Number)):[]});
const hair=document.createElementNS('http://www.w3.org/2000/svg','path');hair.setAttribute('class','hair');
const text=v=>unit===' %'?v.toFixed(2)+unit:Number(v.toPrecision(3))+unit;
svg.addEventListener('pointermove',e=>{const b=svg.getBoundingClientRect(),at=(e.clientX-b.left)/b.width*360;
let where=null;lines.forEach((pts,i)=>{if(!pts.length)return;
const p=pts.reduce((a,c)=>Math.abs(c[0]-at)<Math.abs(a[0]-at)?c:a);where??=p[0];
const step=X[2]+(p[0]-X[0])/(X[1]-X[0])*(X[3]-X[2]),v=Y[2]+(p[1]-Y[0])/(Y[1]-Y[0])*(Y[3]-Y[2]);
outs[i].textContent=text(v)+' at step '+Math.round(step)});
if(where!==null){hair.setAttribute('d','M'+where+' '+Y[1]+'V'+Y[0]);svg.append(hair)}});
svg.addEventListener('pointerleave',()=>{hair.remove();outs.forEach((o,i)=>o.textContent=last[i])})}
)js";

}  // namespace vglaw
