exec(open('/tmp/words/tune.py').read())
from pathlib import Path
D={}
for y in (2022,2023):
    P,Q=pickle.load(open(f'/tmp/words/{y}.pkl','rb')); ix=WordIndex.load(Path(f'/tmp/words/ix{y}'))[0]; G=pickle.load(open(f'/tmp/words/g{y}.pkl','rb'))
    As=[ix.asked(q[1]) for q in Q]; del P; D[y]=(Q,ix,G,As)
def show(fw):
    out=[]
    for y,(Q,ix,G,As) in D.items():
        r=measure(ix,Q,G,fw,As); ix._saturations.clear(); out.append(at(r))
    print(fw.k1,fw.b,fw.title,fw.source,'|',' | '.join(out),flush=True)
F=FieldWeights
for t in (1,2,3): 
  for k in (.6,.9,1.2,1.6):
    for b in (.2,.4,.6): show(F(t,.3,k,b))
for s in (0,.3,1,2): show(F(2,s))
