// A house front. L: metres across and up, width and height of the wall; style: its number. Styles of 100 and more are
// plain panel blocks without shops, 200 and more blank walls.
float edge(float d, float w) { return smoothstep(-w, w, d); }
float rect(vec2 p, vec2 c, vec2 h, float w) { vec2 d = h - abs(p - c); return edge(min(d.x, d.y), w); }

void shops(vec2 q, float st, float fw, inout vec3 a, inout vec3 em, inout float gl) {
  float bay = L.z / max(1., floor(L.z / 4.2)), ux = mod(q.x, bay) - bay * .5, id = floor(q.x / bay);
  vec3 sc = .08 + .42 * vec3(hash(vec2(id, st)), hash(vec2(id, st + 4.)), hash(vec2(id, st + 8.)));
  sc = mix(vec3(dot(sc, vec3(.33))), sc, .45) * .8;
  float board = rect(vec2(ux, q.y), vec2(0, 3.25), vec2(bay * .43, .3), fw) * step(.35, hash(vec2(id, st + 1.)));
  a = mix(a * .8, sc, board);
  // lettering on the board: blocks that read as a name from afar, belonging to nobody
  float letter = step(.32, hash(vec2(floor(ux * 5.), id + st))) * step(abs(fract(ux * 5.) - .5), .36);
  letter *= step(abs(fract(ux * 12. + q.y * 3.) - .5), .33) * step(abs(q.y - 3.25), .12) * step(abs(ux), bay * .26);
  a = mix(a, vec3(.8), letter * board * clamp(1. - fw * 12., 0., 1.) * .85);
  em += board * letter * lamp * vec3(1., .9, .7) * .8;
  float w = rect(vec2(ux, q.y), vec2(-.45, 1.6), vec2(bay * .5 - .95, 1.15), fw);
  float d = rect(vec2(ux, q.y), vec2(bay * .5 - .75, 1.25), vec2(.5, 1.25), fw);
  float frame = max(rect(vec2(ux, q.y), vec2(-.45, 1.6), vec2(bay * .5 - .87, 1.23), fw),
                    rect(vec2(ux, q.y), vec2(bay * .5 - .75, 1.3), vec2(.57, 1.3), fw));
  a = mix(a, vec3(.12, .11, .10) + .2 * sc, frame);
  float mullion = edge(.025 - abs(mod(ux + 9., 1.2) - .6), fw) * w;
  gl = max(w, d) * (1. - mullion);
  vec3 goods = vec3(.05, .055, .06) + .16 * step(.45, hash(floor(vec2(ux * 3., q.y * 2.5)) + id)) *
               vec3(hash(vec2(floor(ux * 3.), id)), hash(vec2(floor(ux * 3.), id + 3.)), .4) * smoothstep(2.2, .6, q.y);
  a = mix(a, goods + .06 * noise(q * vec2(2., 1.4) + st), gl);
  em += gl * lamp * vec3(1., .78, .5) * .55 * step(.4, hash(vec2(id, st + 6.))) * (.35 + .5 * noise(q * 3.) + 2. * goods.r);
}
void windows(vec2 q, float st, float ground_floor, float fl, float bw, float fw, inout vec3 a, inout vec3 em, inout float gl) {
  float y = mod(q.y - ground_floor, fl), iy = floor((q.y - ground_floor) / fl), ix = floor((q.x - .4) / bw);
  float x = mod(q.x - .4, bw) - bw * .5;
  vec2 id = vec2(ix, iy + st * 9.);
  float inside = step(.4, q.x) * step(q.x, L.z - .4) * step(q.y, L.w - .7);
  bool block = st >= 100.;
  bool balcony = block && hash(vec2(ix, st)) > .55;
  float half_width = block ? .72 : .56;
  float w = rect(vec2(x, y), vec2(0, 1.55), vec2(half_width, .78), fw) * inside;
  float frame = rect(vec2(x, y), vec2(0, 1.55), vec2(half_width + .13, .93), fw) * inside * (block ? .6 : 1.);
  float sill = rect(vec2(x, y), vec2(0, .64), vec2(half_width + .22, .06), fw) * inside;
  a = mix(a, mix(C * 1.25 + .1, vec3(.85, .83, .8), .4), max(frame, sill));
  a *= 1. - .5 * rect(vec2(x, y), vec2(0, .5), vec2(half_width + .2, .07), fw) * inside;
  float bars = max(edge(.03 - abs(x), fw), edge(.03 - abs(y - 1.9), fw));
  vec3 pane = vec3(.045, .05, .06) + vec3(.35, .33, .28) * .6 * step(.45, hash(id)) * edge(abs(x) - .25, .1);
  pane *= 1. - .6 * smoothstep(.16, .0, 2.33 - y);
  gl = w * (1. - bars);
  a = mix(a, mix(vec3(.75, .74, .72), vec3(.3, .2, .14), step(.6, hash(vec2(st, 3.)))), w * bars);
  a = mix(a, pane, gl);
  em += gl * lamp * vec3(1., .72, .42) * .75 * step(.62, hash(id + 3.)) * (.5 + .5 * noise(id));
  if (balcony) {
    float rail = rect(vec2(x, y), vec2(0, .55), vec2(bw * .46, .5), fw) * inside;
    a = mix(a, mix(C * .8, vec3(.5, .5, .48) * (.5 + .5 * hash(id + 7.)), .6), rail);
    gl *= 1. - rail;
  } else if (block) {
    a *= 1. - .35 * edge(.03 - abs(x - bw * .5), fw) * inside;
  }
  a *= 1. - .35 * edge(.05 - abs(q.y - ground_floor - .05), fw);
  a = mix(a, C * 1.15 + .05, edge(.22 - abs(q.y - L.w + .3), fw));
}
void facade(float fw, inout vec3 a, inout vec3 em, inout float gl) {
  float st = float(T);
  vec2 q = L.xy;
  bool block = st >= 100.;
  float fl = block ? 2.8 : 3.2, ground_floor = block && st < 150. ? 1.0 : 3.9;
  float bw = (block ? 3.0 : 2.2) + .5 * hash(vec2(st, 2.)), count = max(1., floor((L.z - .8) / bw));
  bw = (L.z - .8) / count;
  float dirt = fractal(q * vec2(.9, .5) + st * 7.);
  a *= .86 + .22 * dirt + .08 * (noise(q * 30.) - .5) * clamp(1. - fw * 20., 0., 1.);
  a *= 1. - .18 * smoothstep(1.2, 0., q.y) * dirt;
  if (st < 200.) {
    if (q.y < ground_floor) { if (!block || st >= 150.) shops(q, st, fw, a, em, gl); else a *= .7; }
    else windows(q, st, ground_floor, fl, bw, fw, a, em, gl);
  } else a *= 1. - .12 * edge(.02 - abs(mod(q.x, 3.) - 1.5), fw);
  a *= 1. - .25 * smoothstep(.5, 0., L.w - q.y);
}
