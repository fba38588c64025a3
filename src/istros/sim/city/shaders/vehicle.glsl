// The painted shell of a vehicle: glass, seams, lamps, grille, sills and wheel arches by position in the vehicle.
// L.xyz: position (y forward from the middle), L.w: ring of the cross-section, 0 the floor's middle, 13 the roof's.
uniform vec4 shapes[30];

void vehicle(float fw, inout vec3 a, inout vec3 em, inout float gl, inout float spec, inout float rough) {
  vec4 A = shapes[T * 5], B = shapes[T * 5 + 1], E = shapes[T * 5 + 2], G = shapes[T * 5 + 3], K = shapes[T * 5 + 4];
  vec3 p = L.xyz;
  float r = L.w, hl = A.x * .5, hw = A.y * .5, ax = abs(p.x), top = G.w, w = max(fw, .004), line = .004 + fw * .5;
  bool boxy = K.x + K.y > .5;
  spec = .05;
  float cabin = clamp((p.z - A.w) / (top - .06 - A.w), 0., 1.);
  float front_glass = K.x > .5 ? hl - .12 : mix(B.x, B.y, cabin), rear_glass = K.y > .5 ? -hl + .12 : mix(B.w, B.z, cabin);
  float side = step(6., r) * step(r, 9.);
  float s1 = min(min(front_glass - .10 - p.y, p.y - rear_glass - .16),
                 min(p.z - A.w - .035, top - (boxy ? .32 : .15) - p.z));
  float gs = edge(s1, w) * side;
  if (A.x < 5.6 && A.x > 5. && K.y > .5) gs *= edge(p.y - E.y - .05, w);
  float ws = edge(min(min(B.x - p.y - .03, p.y - B.y - .02), r - 9.15), w) * (K.x < .5 ? 1. : 0.);
  float rw = edge(min(min(B.z - p.y - .04, p.y - B.w - .04), r - 9.25), w) * (K.y < .5 ? 1. : 0.);
  if (K.x > .5) ws = rect(p.xz, vec2(0, mix(A.w, top, .42)), vec2(hw * .86, (top - A.w) * .34), w) * step(hl - .16, p.y);
  if (K.y > .5) rw = rect(p.xz, vec2(0, mix(A.w, top, .45)), vec2(hw * .72, (top - A.w) * .28), w) * step(p.y, -hl + .1);
  float glass = max(gs, max(ws, rw)), dark = side * edge(s1 + .03, w) * .9;
  if (K.x < .5)
    dark = max(dark, edge(.045 - abs(p.y - E.x), w) * side * step(A.w, p.z) * step(p.y, front_glass) * step(p.z, top - .12));
  float bus = step(9., A.x);
  if (bus > .5) {
    float post = edge(.05 - abs(mod(p.y, 1.45) - .72), w) * gs;
    glass *= 1. - post;
    dark = max(dark, post);
    float door = max(edge(.65 - abs(p.y - 4.6), w), edge(.65 - abs(p.y + .6), w));
    door *= step(.1, p.x) * step(.42, p.z) * step(p.z, 2.45) * step(r, 9.);
    glass = max(glass, door * .9);
    dark = max(dark, door * edge(.03 - abs(fract(p.y) - .6), w));
  }
  dark = max(dark, edge(A.z + .09 - p.z, w) * .85);
  for (int i = 0; i < 2; i++) {
    float axle = i == 0 ? G.x : G.y;
    if (axle > -hl) dark = max(dark, edge(G.z + .055 - length(vec2(p.y - axle, p.z - G.z)), w) * step(.45 * hw, ax));
  }
  float low = step(p.z, A.w + .02) * step(A.z + .12, p.z) * step(r, 7.);
  float seam = edge(.007 - abs(p.y - E.x), line) * low;
  seam = max(seam, edge(.007 - abs(p.y - (B.x - .28)), line) * low * step(K.x, .5));
  seam = max(seam, edge(.007 - abs(p.y - max(B.z - .35, -hl + 1.2)), line) * low * step(bus, .5));
  a *= 1. - .75 * seam;
  float handles = max(rect(p.yz, vec2(E.x + .2, A.w - .13), vec2(.09, .016), w),
                      rect(p.yz, vec2(E.x - .75, A.w - .13), vec2(.09, .016), w));
  dark = max(dark, .8 * handles * step(r, 6.9) * step(A.x, 5.6));
  float front = step(hl - .30, p.y), back = step(p.y, -hl + .26), nose = step(hl - .07, p.y);
  dark = max(dark, nose * rect(p.xz, vec2(0, E.z - .03), vec2(hw * .48, .075), w) * (.6 + .4 * step(.4, fract(p.z * 28.))));
  dark = max(dark, nose * rect(p.xz, vec2(0, A.z + .15), vec2(hw * .66, .065), w));
  float high = boxy ? .22 : .10;
  float head = front * rect(vec2(ax, p.z), vec2(hw * .79, E.z), vec2(hw * .20, .075), w);
  float tail = back * rect(vec2(ax, p.z), vec2(hw * .86, E.w), vec2(hw * .19, high), w);
  float boot = back * step(ax, hw) * edge(.010 - abs(p.z - (A.w - .3)), w) * .6;
  dark = max(dark, .9 * front * rect(vec2(ax, p.z), vec2(hw * .79, E.z), vec2(hw * .20 + .02, .095), w) * (1. - head));
  dark = max(dark, .85 * back * rect(vec2(ax, p.z), vec2(hw * .86, E.w), vec2(hw * .19 + .015, high + .015), w) * (1. - tail));
  a = mix(a, vec3(.018), clamp(dark + boot, 0., 1.));
  a = mix(a, vec3(.025, .03, .034), glass);
  gl = glass;
  float bulb = length(vec2(ax - hw * .78, p.z - E.z));
  a = mix(a, mix(vec3(.25, .27, .29), vec3(.75, .78, .8), smoothstep(.075, .05, bulb)), head);
  a = mix(a, vec3(.36, .015, .012) * (.8 + .4 * step(.5, fract(p.z * 20.))), tail);
  em += head * lamp * vec3(9., 8.4, 7.) * smoothstep(.085, .0, bulb) + tail * lamp * vec3(1.6, .05, .03);
  spec = dark > .4 ? .03 : .05;
  rough = mix(.06, .5, clamp(dark, 0., 1.));
  float bonnet = edge(.006 - abs(ax - hw * .80), line) * step(B.x, p.y) * step(p.y, hl - .28) * step(9., r) * step(K.x, .5);
  a *= 1. - .6 * bonnet;
  float wipers = edge(.022 - abs(p.y - B.x - .035), w) * step(8.9, r) * step(ax, hw * .7) * step(K.x, .5);
  a = mix(a, vec3(.018), .85 * wipers);
  a *= 1. - .3 * (1. - smoothstep(A.z, A.z + .45, p.z)) * (.4 + noise(p.yz * 5.) * .8);
}
