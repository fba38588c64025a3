in vec2 uv;
uniform mat4 view_back;
layout(location=0) out vec4 lit;
layout(location=1) out vec4 shaded;
layout(location=2) out vec4 albedo;
void main() {
  vec4 q = view_back * vec4(uv * 2. - 1., 1, 1);
  lit = shaded = vec4(sky(normalize(q.xyz / q.w - eye)), 1);
  albedo = vec4(0);
}
