// Every surface of the city, lit by sun, sky and lamps. Three results: with sun, without, and the ground's colour.
in vec3 P, N, C;
#ifdef ONLY   // a program for one material: everything else falls away when it is compiled
#define M ONLY
#else
flat in int M;
#endif
in vec4 L;
flat in int T;
uniform sampler2DShadow shadow_still, shadow_moving;
uniform sampler2D atlas;
uniform float flip;
uniform vec4 lights[12];
uniform int light_count;
layout(location=0) out vec4 o0;
layout(location=1) out vec4 o1;
layout(location=2) out vec4 o2;
//include facade
#ifdef ONLY
#if ONLY == 3
//include vehicle
#elif ONLY == 1
//include ground
#endif
#endif

float sun_light(sampler2DShadow map, vec3 at, float bias) {
  float sum = 0.;
#ifdef MOVING
  for (int i = 0; i < 4; i++) sum += texture(map, vec3(at.xy + (vec2(i % 2, i / 2) - .5) / 2600., at.z - bias));
  return sum / 4.;
#else
  for (int i = 0; i < 9; i++) sum += texture(map, vec3(at.xy + (vec2(i % 3, i / 3) - 1.) / 3000., at.z - bias));
  return sum / 9.;
#endif
}
void main() {
  if (flip < 0. && (P.z > -.015 || M == 1 || M == 10)) discard;
  vec3 Q = vec3(P.xy, P.z * flip), n = normalize(N);
  n.z *= flip;
  vec3 v = normalize(eye * vec3(1, 1, flip) - P);
  v.z *= flip;
  if (dot(n, v) < 0.) n = -n;
  vec3 a = C, em = vec3(0);
  float spec = .04, gl = 0., rough = .9, fw = length(fwidth(Q)) * .6, on_ground = 0., open_sky = 1.;
  float distance_ = length(eye - Q);
#ifdef ONLY
#if ONLY == 1
  a = ground(Q, n, fw, open_sky);
  on_ground = 1.;
  rough = mix(.9, .25, wet);
#elif ONLY == 2
  facade(fw, a, em, gl);
#else
  vehicle(fw, a, em, gl, spec, rough);
#endif
#else
  if (M == 4) {
    vec3 rim = vec3(.48, .49, .5) * (.35 + .65 * smoothstep(.25, .4, abs(fract(L.y * 5. / 6.2832) - .5) * 2.));
    a = L.x < .16 ? vec3(.4) : L.x < .67 ? rim : vec3(.025);
    rough = .4;
  } else if (M == 5) {
    a = texture(atlas, L.xy).rgb;
    a = a * a;
    em += a * lamp * .22;
    rough = .5;
  } else if (M == 7) em += C * (lamp > .0 ? 5. * lamp : .0);
  else if (M == 11) a *= (.86 + .14 * noise(L.xy * vec2(1.5, .4))) * (1. - .25 * edge(.012 - abs(fract(L.x / .6) - .5) * .6, .01 + fw));
#ifndef MOVING
  else if (M == 6) a *= .7 + .6 * hash(floor(Q.xy * 7.) + floor(Q.z * 7.));
  else if (M == 8) {
    a *= .75 + .3 * step(.12, fract(L.y * 3.)) * (.8 + .4 * hash(floor(L.xy * vec2(4., 3.)))) + .1 * (fractal(L.xy) - .5);
  } else if (M == 9) { gl = 1.; a = vec3(.04); }
  else if (M == 10) {
    vec2 slope = vec2(noise(Q.xy * vec2(.8, 2.2)), noise(Q.xy * vec2(.8, 2.2) + 40.)) - .5;
    slope += .5 * (vec2(noise(Q.xy * vec2(3., 7.)), noise(Q.xy * vec2(3., 7.) + 9.)) - .5);
    n = normalize(vec3(slope * .10, 1.));
    a = vec3(.06, .075, .055);
    gl = 1.;
    rough = .05;
  }
#endif
  else a *= .93 + .14 * noise(Q.xy * 9. + Q.z * 11.);
#endif
  vec4 at = sun_view * vec4(Q + n * .04, 1);
  at.xyz = at.xyz * .5 + .5;
  float s0 = sun_light(shadow_still, at.xyz, .0006), s1 = 1.;
#ifdef MOVING
  s1 = sun_light(shadow_moving, at.xyz, .0008);
#endif
  if (max(abs(at.x - .5), abs(at.y - .5)) > .495) s0 = s1 = 1.;
  float nl = max(dot(n, sun_direction), 0.);
  if (M == 6) { nl = .35 + .65 * abs(dot(n, sun_direction)); s0 = mix(s0, 1., .25); }
  vec3 up = mix(horizon, zenith, .5) * 1.05 + horizon * .25, down = horizon * .22 + sun_colour * .05;
  vec3 ambient = mix(down, up, n.z * .5 + .5);
  float open_ = M == 1 ? open_sky : M == 2 ? mix(.6, 1., smoothstep(0., 3., Q.z)) : 1.;
  if (M == 3 || M == 4 || M == 0) open_ = mix(.45, 1., smoothstep(-.05, .75, Q.z));
  vec3 lamps = vec3(0);
  for (int i = 0; i < light_count; i++) {
    vec3 d = lights[i].xyz - Q;
    float r2 = dot(d, d);
    d *= inversesqrt(r2);
    lamps += vec3(1., .74, .42) * lights[i].w * max(dot(n, d), .0) * smoothstep(.05, .6, d.z) / (1. + r2 * .06);
  }
  vec3 base = a * (ambient * open_ + lamps) + em, sunny = a * sun_colour * nl * s0;
  if (M == 3 || gl > .01) {
    float F = spec + (1. - spec) * pow(1. - max(dot(n, v), 0.), 5.), k = M == 3 ? 1. : gl;
    F = gl > .5 ? max(F, .09) : F;
    base += surroundings(reflect(-v, n)) * F * k * (1. - rough * .9) * open_;
    float h = max(dot(n, normalize(v + sun_direction)), 0.), shine = pow(h, 400.) * 40. + pow(h, 60.) * .6;
    sunny += sun_colour * shine * F * 2. * s0 * k * (1. - rough);
  }
  vec3 haze = mix(horizon, zenith, .15);
  float fogged = 1. - exp(-distance_ * fog);
  o0 = vec4(mix(base + sunny * s1, haze, fogged), 1);
  o1 = vec4(mix(base, haze, fogged), 1);
  o2 = vec4(a, on_ground * step(.5, n.z));
}
