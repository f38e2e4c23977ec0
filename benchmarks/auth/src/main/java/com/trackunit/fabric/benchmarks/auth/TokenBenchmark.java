// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.auth;

import com.auth0.jwt.JWTVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.trackunit.fabric.auth.AuthException;
import com.trackunit.fabric.auth.EntraTokenValidator;
import com.trackunit.fabric.auth.Reason;
import com.trackunit.fabric.testkit.entra.Attack;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/** One token of 1.4 kB, RS256, eleven keys: ours, the peers, and the signature alone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls begin() before anything else
public class TokenBenchmark {
  private static final int HUGE_HEADER = 20 * 1024 * 1024;

  /** Whose arithmetic. */
  @Param({"JDK", "Conscrypt"})
  public String provider = "JDK";

  private Fixture fixture;
  private EntraTokenValidator cold;
  private EntraTokenValidator warm;
  private DefaultJWTProcessor<SecurityContext> nimbus;
  private NimbusJwtDecoder spring;
  private JWTVerifier auth0;
  private JwtConsumer jose4j;

  private String token;
  private String hugeHeader;
  private String badBase64;
  private String duplicateMember;

  private Signature engine;
  private byte[] signed;
  private byte[] signature;
  private boolean isOurTurn = true;

  /** Starts the stand-in and lets everybody see the token once. */
  @Setup(Level.Trial)
  public void begin() throws Exception {
    fixture = new Fixture(provider);
    token = fixture.token();
    cold = fixture.validator(false).build();
    warm = fixture.validator(true).build();
    nimbus = Peers.nimbus(fixture);
    spring = Peers.spring(fixture);
    auth0 = Peers.auth0(fixture);
    jose4j = Peers.jose4j(fixture);
    cold.validate(token);
    warm.validate(token);
    fixture.preferProvider();
    prepareBareSignature();
    prepareGarbage();
  }

  private void prepareBareSignature() throws GeneralSecurityException {
    int end = token.lastIndexOf('.');
    signed = token.substring(0, end).getBytes(StandardCharsets.US_ASCII);
    signature = Base64.getUrlDecoder().decode(token.substring(end + 1));
    KeyFactory keys = KeyFactory.getInstance("RSA", fixture.provider);
    byte[] encoded = fixture.entra.signingKey().publicKey().getEncoded();
    PublicKey publicKey = keys.generatePublic(new X509EncodedKeySpec(encoded));
    engine = Signature.getInstance("SHA256withRSA", fixture.provider);
    engine.initVerify(publicKey);
  }

  private void prepareGarbage() {
    hugeHeader = "A".repeat(HUGE_HEADER) + "." + token;
    int at = token.lastIndexOf('.') - 3; // the payload's end: as late as it can be found
    badBase64 = token.substring(0, at) + "+" + token.substring(at + 1);
    duplicateMember =
        fixture.padded(fixture.entra.tokens(fixture.api).attack(Attack.NESTED_MEMBER_TWICE));
    expect(Reason.TOKEN_TOO_LONG, hugeHeader);
    expect(Reason.TOKEN_MALFORMED, badBase64);
    expect(Reason.DUPLICATE_MEMBER, duplicateMember);
  }

  private void expect(Reason reason, String garbage) {
    if (!(refused(garbage) instanceof AuthException refusal) || refusal.reason() != reason) {
      throw new IllegalStateException("expected garbage to be refused for " + reason);
    }
  }

  /** The signature alone goes first. */
  @Setup(Level.Iteration)
  public void nextTurn() {
    isOurTurn = !isOurTurn;
  }

  /** Stops what was started. */
  @TearDown(Level.Trial)
  public void end() {
    cold.close();
    warm.close();
    fixture.close();
  }

  @Benchmark
  public Object oursCold() {
    return cold.validate(token);
  }

  @Benchmark
  public Object oursWarm() {
    return warm.validate(token);
  }

  @Benchmark
  public Object nimbus() throws Exception {
    return nimbus.process(token, null);
  }

  @Benchmark
  public Object spring() {
    return spring.decode(token);
  }

  @Benchmark
  public Object auth0() {
    return auth0.verify(token);
  }

  @Benchmark
  public Object jose4j() throws Exception {
    return jose4j.processToClaims(token);
  }

  /** The physical limit: hash and arithmetic alone, with an engine that holds the key already. */
  @Benchmark
  public boolean bareRsaVerify() throws GeneralSecurityException {
    engine.update(signed);
    return engine.verify(signature);
  }

  /** The same once more: what differs between the two is the machine's noise. */
  @Benchmark
  public boolean bareRsaVerifyAgain() throws GeneralSecurityException {
    return bareRsaVerify();
  }

  /**
   * The signature alone and ours cold, an iteration each, in the same process: what the two have in
   * common, such as the clock of the processor at the time, is then the same for both.
   */
  @Benchmark
  public Object inTurns() throws GeneralSecurityException {
    return isOurTurn ? oursCold() : bareRsaVerify();
  }

  @Benchmark
  public Object garbageHugeHeader() {
    return refused(hugeHeader);
  }

  @Benchmark
  public Object garbageBadBase64() {
    return refused(badBase64);
  }

  @Benchmark
  public Object garbageDuplicateMember() {
    return refused(duplicateMember);
  }

  private Object refused(String garbage) {
    try {
      return warm.validate(garbage);
    } catch (AuthException e) {
      return e;
    }
  }
}
