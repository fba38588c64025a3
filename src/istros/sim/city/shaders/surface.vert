in vec3 position, normal, colour;
in float material;
in vec4 local;
in float kind;
uniform float flip, spin;   // flip -1 draws the mirror image for wet ground; spin turns wheels (radians)
uniform vec4 pose;          // x, y, z, turn of the thing that is drawn
uniform vec2 jitter;
out vec3 P, N, C;
flat out int M;
out vec4 L;
flat out int T;
void main() {
  vec3 p = position, n = normal;
  M = int(material + .5);
  L = local;
  if (M == 4) {
    float s = sin(spin), c = cos(spin);
    vec2 d = p.yz - local.zw;
    p.yz = local.zw + vec2(d.x * c - d.y * s, d.x * s + d.y * c);
    n.yz = vec2(n.y * c - n.z * s, n.y * s + n.z * c);
  }
  float s = sin(pose.w), c = cos(pose.w);
  mat3 turn = mat3(c, s, 0, -s, c, 0, 0, 0, 1);
  P = turn * p + pose.xyz;
  N = turn * n;
  P.z *= flip;
  N.z *= flip;
  C = colour;
  T = int(kind + .5);
  gl_Position = view * vec4(P, 1);
  gl_Position.xy += jitter * gl_Position.w;
}
