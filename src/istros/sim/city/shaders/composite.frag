// The still city of this frame: shadows of moving things over it, dirt and headlights around them, reflections.
in vec2 uv;
uniform sampler2D lit, shaded, albedo, depth, mirror;
uniform sampler2DShadow shadow_moving;
uniform mat4 view_back;
uniform vec4 places[24], sizes[24];   // x, y, -sin, cos of each vehicle; half length, half width, lamps, 1
uniform int count;
out vec4 result;

vec3 reflection(vec4 ground, vec3 P, vec3 c) {
  vec3 v = normalize(eye - P);
  float amount = max(wet, .18 * lamp), puddle = smoothstep(.46, .62, fractal(P.xy * vec2(.5, .22) + 4.));
  vec2 shake = (vec2(noise(P.xy * 9.), noise(P.xy * 9. + 50.)) - .5) * (.004 + .018 * (1. - puddle)) * vec2(.6, 2.2);
  vec3 r = texture(mirror, uv + shake).rgb * .5 + texture(mirror, uv + shake * 2.3 + vec2(0, .006)).rgb * .3 +
           texture(mirror, uv - shake * 1.7 - vec2(0, .006)).rgb * .2;
  float F = .03 + .97 * pow(1. - max(v.z, 0.), 4.);
  return mix(c, r, ground.a * amount * clamp(F * (.65 + .75 * puddle) + .06 * puddle, 0., .7));
}
void main() {
  float z = texture(depth, uv).r;
  gl_FragDepth = z;
  vec4 ground = texture(albedo, uv);
  vec3 sunny = texture(lit, uv).rgb, dim = texture(shaded, uv).rgb;
  if (z > .999999) { result = vec4(sunny, 1); return; }
  vec4 q = view_back * vec4(vec3(uv, z) * 2. - 1., 1);
  vec3 P = q.xyz / q.w;
  vec4 s = sun_view * vec4(P + vec3(0, 0, .03), 1);
  s.xyz = s.xyz * .5 + .5;
  float k = 0.;
  for (int i = 0; i < 9; i++) k += texture(shadow_moving, vec3(s.xy + (vec2(i % 3, i / 3) - 1.) / 2600., s.z - .0008));
  if (max(abs(s.x - .5), abs(s.y - .5)) > .495) k = 9.;
  vec3 c = mix(dim, sunny, k / 9.), beams = vec3(0);
  float under = 1.;
  for (int i = 0; i < count; i++) {
    vec2 d = P.xy - places[i].xy, e = vec2(dot(d, vec2(places[i].w, -places[i].z)), dot(d, places[i].zw));
    vec2 r = abs(e) - sizes[i].yx + .12;
    float away = length(max(r, 0.)) + min(max(r.x, r.y), 0.);
    if (P.z < .4) under *= 1. - .82 * smoothstep(.42, -.28, away) * sizes[i].w;
    if (sizes[i].z > 0.) {
      float y = e.y - sizes[i].x, wide = .7 + y * .22, behind = -e.y - sizes[i].x;
      float b = smoothstep(0., 1.5, y) * exp(-e.x * e.x / (wide * wide + 1e-3)) * exp(-max(y, 0.) * .10) * smoothstep(28., 12., y);
      beams += sizes[i].z * b * vec3(1., .95, .82) * 1.1;
      beams += sizes[i].z * vec3(.35, .02, .01) * smoothstep(-.2, .2, behind) * exp(-max(behind, 0.) * .9) *
               exp(-e.x * e.x * .83) * step(0., behind + .2);
    }
  }
  c = c * under + ground.rgb * beams * step(P.z, 1.2);
  if ((wet > 0. || lamp > .7) && ground.a > .01) c = reflection(ground, P, c);
  result = vec4(c, 1);
}
