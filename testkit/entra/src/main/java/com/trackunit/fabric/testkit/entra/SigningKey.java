// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;

/**
 * An RSA key pair of the stand-in with its certificate, and whose tokens it may sign. Immutable;
 * the private half never leaves this package and never reaches {@link #toString()}.
 */
public final class SigningKey {
  private static final int MIN_BITS = 1024;
  private static final int MAX_BITS = 8192;

  private final HeldCertificate held;
  private final String kid;
  private final Owner owner;
  private final @Nullable String cloudInstanceName;

  /** Whose tokens a key signs: the tenant as the key's issuer names it, or null for no issuer. */
  private record Owner(@Nullable String tenant) {}

  private SigningKey(Builder builder) {
    this.held = certified(builder.bits);
    this.kid = builder.kid == null ? thumbprint() : builder.kid;
    this.owner = builder.owner;
    this.cloudInstanceName = builder.cloudInstanceName;
  }

  /**
   * A new key. Unless told otherwise: RSA with 2048 bits, any tenant, no cloud name.
   *
   * @return a builder; {@code build()} generates the key, which takes tenths of a second
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The key's name in token headers and key sets.
   *
   * @return by default the certificate's SHA-1 thumbprint, as at Entra
   */
  public String kid() {
    return kid;
  }

  /**
   * The public half.
   *
   * @return never null
   */
  public RSAPublicKey publicKey() {
    return (RSAPublicKey) held.certificate().getPublicKey();
  }

  /**
   * The self-signed certificate that {@code x5c} shows.
   *
   * @return never null
   */
  public X509Certificate certificate() {
    return held.certificate();
  }

  /**
   * The one tenant whose tokens this key signs.
   *
   * @return empty where the key serves every tenant or has no issuer
   */
  public Optional<UUID> tenant() {
    return Optional.ofNullable(owner.tenant)
        .filter(tenant -> !tenant.equals(Issuers.TEMPLATE))
        .map(UUID::fromString);
  }

  /**
   * The cloud that the key names.
   *
   * @return the value of {@code cloud_instance_name}, or empty where the key has none
   */
  public Optional<String> cloudInstanceName() {
    return Optional.ofNullable(cloudInstanceName);
  }

  PrivateKey privateKey() {
    return held.keyPair().getPrivate();
  }

  String thumbprint() {
    return Jws.base64Url(Jws.digest("SHA-1", der()));
  }

  String chainEntry() {
    return Base64.getEncoder().encodeToString(der());
  }

  /**
   * The key as a set shows it.
   *
   * @param tenant the tenant whose own set it is, or the template for sets that serve many
   */
  Map<String, @Nullable Object> jwk(TokenVersion version, Issuers issuers, String tenant) {
    Map<String, @Nullable Object> jwk = publicJwk();
    // The v1 set says nothing about issuer and cloud; whoever needs them reads the v2 set.
    if (version == TokenVersion.V2) {
      if (cloudInstanceName != null) {
        jwk.put("cloud_instance_name", cloudInstanceName);
      }
      if (owner.tenant != null) {
        String named = owner.tenant.equals(Issuers.TEMPLATE) ? tenant : owner.tenant;
        jwk.put("issuer", issuers.of(TokenVersion.V2, named));
      }
    }
    return jwk;
  }

  Map<String, @Nullable Object> publicJwk() {
    Map<String, @Nullable Object> jwk = new LinkedHashMap<>();
    jwk.put("kty", "RSA");
    jwk.put("use", "sig");
    jwk.put("kid", kid);
    jwk.put("x5t", thumbprint());
    jwk.put("n", unsigned(publicKey().getModulus()));
    jwk.put("e", unsigned(publicKey().getPublicExponent()));
    jwk.put("x5c", List.of(chainEntry()));
    return jwk;
  }

  private byte[] der() {
    try {
      return held.certificate().getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("A certificate made here has no encoding", e);
    }
  }

  private static String unsigned(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int sign = bytes[0] == 0 && bytes.length > 1 ? 1 : 0;
    return Jws.base64Url(Arrays.copyOfRange(bytes, sign, bytes.length));
  }

  private static HeldCertificate certified(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      KeyPair pair = generator.generateKeyPair();
      return new HeldCertificate.Builder()
          .keyPair(pair)
          .commonName("accounts.accesscontrol.windows.net")
          .build();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JDK has no RSA", e);
    }
  }

  @Override
  public String toString() {
    return "SigningKey[kid=" + kid + ", tenant=" + owner.tenant + "]";
  }

  /** Collects what a new key is like. Not thread-safe. */
  public static final class Builder {
    private int bits = 2048;
    private @Nullable String kid;
    private Owner owner = new Owner(Issuers.TEMPLATE);
    private @Nullable String cloudInstanceName;

    private Builder() {}

    /**
     * The length of the modulus; below 2048 a validator must refuse the key.
     *
     * @param bits 1024 to 8192; default 2048
     * @return this
     */
    public Builder bits(int bits) {
      if (bits < MIN_BITS || bits > MAX_BITS) {
        throw new IllegalArgumentException(
            "bits: " + bits + ", must be " + MIN_BITS + " to " + MAX_BITS);
      }
      this.bits = bits;
      return this;
    }

    /**
     * A name other than the thumbprint, such as that of another key.
     *
     * @param kid the key id
     * @return this
     */
    public Builder kid(String kid) {
      this.kid = Objects.requireNonNull(kid, "kid");
      return this;
    }

    /**
     * Binds the key to one tenant: its issuer holds that GUID in every set.
     *
     * @param tenant the tenant's id
     * @return this
     */
    public Builder tenant(UUID tenant) {
      this.owner = new Owner(tenant.toString());
      return this;
    }

    /**
     * Publishes the key without an issuer.
     *
     * @return this
     */
    public Builder withoutIssuer() {
      this.owner = new Owner(null);
      return this;
    }

    /**
     * Names a cloud on the key.
     *
     * @param cloud the cloud; by default the key names none
     * @return this
     */
    public Builder cloud(Cloud cloud) {
      this.cloudInstanceName = cloud.instanceName();
      return this;
    }

    /**
     * Generates the key.
     *
     * @return the key, not yet published
     */
    public SigningKey build() {
      return new SigningKey(this);
    }
  }
}
