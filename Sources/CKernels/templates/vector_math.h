// Elementary functions of each lane: polynomials, fitted by weighted least squares until they had the minimax error stated.
// NaN gives NaN. There are no table look-ups and no branches, so a lane's result never depends on its neighbours.

/// Splits x into n·ln 2 + r: `r` in ±ln 2 / 2, and 2ⁿ as a float (0 for n = −127, infinity for n = 128).
INLINE V split_exponent(V x, V *power) {
    const V round = vset(12582912.0f);  // 1.5 · 2²³: adding it leaves the nearest integer in the low mantissa bits
    V shifted = vadd(vmul(x, vset(1.44269504f)), round);
    V n = vsub(shifted, round);
    *power = ufloat(uadd(ushift_exponent(vbits(shifted)), uset(0x3f800000)));
    // ln 2 in two parts, the first so short that its product with n is exact.
    x = vfma(n, vset(-0.693359375f), x);
    return vfma(n, vset(2.12194440e-4f), x);
}

/// e^r − 1 for |r| ≤ ln 2 / 2, relative error 1.4e-8 before rounding.
INLINE V expm1_reduced(V r) {
    V p = vset(0.00139465519f);
    p = vfma(p, r, vset(0.00836664408f));
    p = vfma(p, r, vset(0.0416662807f));
    p = vfma(p, r, vset(0.166665425f));
    p = vfma(p, r, vset(0.500000006f));
    return vfma(vmul(p, r), r, r);
}

/// e^x; 0 below −87.6, infinity above 88.3.
INLINE V vexp(V x) {
    V power;
    V r = split_exponent(vmin(vset(89), vmax(vset(-88), x)), &power);
    return vmul(power, vadd(expm1_reduced(r), vset(1)));
}

/// e^x − 1 for x ≤ 88, to full relative accuracy near 0.
INLINE V vexpm1(V x) {
    V power;
    V r = split_exponent(vmax(vset(-88), x), &power);
    return vfma(power, expm1_reduced(r), vsub(power, vset(1)));
}

INLINE V vsigmoid(V x) { return vdiv(vset(1), vadd(vset(1), vexp(vsub(vset(0), x)))); }

INLINE V vtanh(V x) {
    const U sign = uset(0x80000000);
    V magnitude = ufloat(uand(vbits(x), uset(0x7fffffff)));
    // tanh |x| = (e^2|x| − 1) / (e^2|x| + 1), which is 1 to the last bit well before 20.
    V e = vexpm1(vmin(vset(40), vadd(magnitude, magnitude)));
    return ufloat(uor(vbits(vdiv(e, vadd(e, vset(2)))), uand(vbits(x), sign)));
}

/// sin² x. Periodic in π, so the sign of the reduced sine does not matter. |x| up to 10⁷.
INLINE V vsin_squared(V x) {
    const V round = vset(12582912.0f);
    V n = vsub(vadd(vmul(x, vset(0.318309886f)), round), round);
    V r = vfma_exact(n, vset(-3.14159274f), x);
    r = vfma_exact(n, vset(8.74227766e-8f), r);
    r = vfma_exact(n, vset(3.43024902e-15f), r);
    // Beyond the range of the reduction the phase is meaningless, but the sine of it must still be within ±1.
    r = vmin(vset(1.6f), vmax(vset(-1.6f), r));
    V q = vmul(r, r);
    V p = vset(2.60878925e-6f);  // relative error 4.9e-9
    p = vfma(p, q, vset(-0.000198110533f));
    p = vfma(p, q, vset(0.00833308744f));
    p = vfma(p, q, vset(-0.166666604f));
    V s = vfma(vmul(p, q), r, r);
    return vmul(s, s);
}

/// x·Φ(x). Φ(−t) = e^(−t²/2) · M(u), u = 1/(1 + 0.3 t), M of relative error 5.8e-8 on 0 ≤ t ≤ 14.5.
INLINE V vgelu(V x) {
    V t = ufloat(uand(vbits(x), uset(0x7fffffff)));
    V u = vdiv(vset(1), vfma(t, vset(0.3f), vset(1)));
    V m = vset(0.0384075722f);
    m = vfma(m, u, vset(-0.169308298f));
    m = vfma(m, u, vset(0.228953427f));
    m = vfma(m, u, vset(-0.076841446f));
    m = vfma(m, u, vset(0.142766433f));
    m = vfma(m, u, vset(0.0945854033f));
    m = vfma(m, u, vset(0.121945372f));
    m = vfma(m, u, vset(0.119484193f));
    m = vfma(m, u, vset(7.37314459e-6f));
    V below = vmul(m, vexp(vmul(vmul(t, t), vset(-0.5f))));
    return vmul(x, vselect_ge(x, vset(0), vsub(vset(1), below), below));
}

/// 0.5·x·(1 + tanh(y)) = x·σ(2y), y = √(2/π)·(x + 0.044715 x³).
INLINE V vgelu_tanh(V x) {
    V y = vmul(x, vfma(vmul(x, x), vset(-0.0713548163f), vset(-1.59576912f)));
    return vdiv(x, vadd(vset(1), vexp(y)));
}
