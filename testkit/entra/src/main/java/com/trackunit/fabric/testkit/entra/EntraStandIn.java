// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.core.Ticker;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An OIDC provider on loopback that is as strict and as odd as Microsoft Entra ID: HTTPS with a
 * certificate of its own authority, discovery v1 and v2, templated issuers, several tenants, keys
 * with an {@code issuer}, rotation, outages, malformed answers, a token endpoint, and tokens of
 * every kind, bad ones included.
 *
 * <p>Issuers follow Entra's habit: a v2 issuer is {@code {authority}/{tenant}/v2.0}, on the host
 * that serves the documents; a v1 issuer is {@code https://sts.windows.net/{tenant}/}, on another
 * host ({@code sts.chinacloudapi.cn} for {@link Cloud#CHINA}). Whoever validates takes them from
 * the documents.
 *
 * <p>Thread-safe. Whoever starts it closes it.
 */
public final class EntraStandIn implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EntraStandIn.class);

  private final TlsAuthority tls = new TlsAuthority();
  private final Directory directory = new Directory();
  private final Tenant first;
  private final DeviceCodes devices;
  private final HttpFront front;
  private final TokenBuilder.Issuance issuance;

  private EntraStandIn(Builder builder) {
    UUID firstTenant =
        builder.tenants.isEmpty() ? UUID.randomUUID() : builder.tenants.iterator().next();
    this.first = directory.add(firstTenant);
    builder.tenants.forEach(directory::add);
    KeyRing keys = new KeyRing(builder.cloud);
    this.front = new HttpFront(tls.serverContext(), builder.port);
    Issuers issuers = new Issuers(front.uri(), builder.cloud, builder.isExternalId);
    this.issuance = new TokenBuilder.Issuance(builder.clock, issuers, keys);
    this.devices = new DeviceCodes(builder.clock, builder.ticker, builder.pollInterval);
    front.start(new Routes(issuance, directory, devices)::answer);
    log.info("Entra stand-in for tenant {} at {}", firstTenant, authority());
  }

  /**
   * Starts a stand-in with one tenant, in the public cloud, on a free port.
   *
   * @return a running stand-in
   */
  public static EntraStandIn start() {
    return builder().start();
  }

  /**
   * A stand-in with choices.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The host that plays {@code https://login.microsoftonline.com}.
   *
   * @return {@code https://localhost:{port}}, without a trailing slash
   */
  public URI authority() {
    return issuance.issuers().authority();
  }

  /**
   * The cloud that it plays.
   *
   * @return as built
   */
  public Cloud cloud() {
    return issuance.issuers().cloud();
  }

  /**
   * The first tenant.
   *
   * @return the first one given to the builder, else one with a random id
   */
  public Tenant tenant() {
    return first;
  }

  /**
   * Adds a tenant.
   *
   * @param id its id
   * @return the tenant, the same one if it was there
   */
  public Tenant addTenant(UUID id) {
    return directory.add(id);
  }

  /**
   * The issuer of a tenant's tokens.
   *
   * @param tenant a tenant
   * @param version the form of the tokens
   * @return what {@code iss} holds
   */
  public String issuer(Tenant tenant, TokenVersion version) {
    return issuance.issuers().of(version, tenant.id().toString());
  }

  /**
   * The authority that signed the server's certificate.
   *
   * @return a self-signed CA certificate, new with each stand-in
   */
  public X509Certificate certificateAuthority() {
    return tls.certificate();
  }

  /**
   * The same certificate as text.
   *
   * @return PEM
   */
  public String certificateAuthorityPem() {
    return tls.pem();
  }

  /**
   * A client's TLS context that trusts this stand-in and nobody else.
   *
   * @return a context for {@code HttpClient} and friends
   */
  public SSLContext sslContext() {
    return tls.clientContext();
  }

  /**
   * What {@link #sslContext()} trusts, for OkHttp, which wants both.
   *
   * @return a trust manager
   */
  public X509TrustManager trustManager() {
    return tls.trustManager();
  }

  /**
   * Writes a PKCS12 trust store for other processes ({@code javax.net.ssl.trustStore}). It holds
   * only the CA certificate.
   *
   * @param file where to; overwritten
   * @param password of the store
   * @throws StandInException if it cannot be written
   */
  public void writeTrustStore(Path file, Secret password) {
    tls.writeTrustStore(file, password);
  }

  /**
   * Begins a token for an API.
   *
   * @param api whose audience it has; it need not be registered
   * @return a builder that, left alone, mints a good delegated token with all scopes of the API
   */
  public TokenBuilder tokens(App api) {
    return new TokenBuilder(issuance, first.id(), api);
  }

  /**
   * Enters a device login's code as a user and approves it, as the page at {@code verification_uri}
   * does.
   *
   * @param userCode what the device shows
   * @param user who signs in; of the tenant where the device began
   * @throws IllegalArgumentException if the code is not pending or the user is of another tenant
   */
  public void approve(String userCode, User user) {
    if (!devices.approve(userCode, user)) {
      throw new IllegalArgumentException(
          "userCode: not pending, or not begun in a tenant of " + user.username());
    }
  }

  /**
   * Enters a device login's code and declines it.
   *
   * @param userCode what the device shows
   * @throws IllegalArgumentException if the code is not pending
   */
  public void decline(String userCode) {
    if (!devices.decline(userCode)) {
      throw new IllegalArgumentException("userCode: not pending");
    }
  }

  /**
   * The published keys: a next one, the current one, and keys of others (personal accounts, another
   * tenant, another cloud).
   *
   * @return a snapshot in the order of the set
   */
  public List<SigningKey> keys() {
    return issuance.keys().published();
  }

  /**
   * The key that signs now.
   *
   * @return the current key
   */
  public SigningKey signingKey() {
    return issuance.keys().current();
  }

  /**
   * Publishes a fresh key and signs with it from now on; the former key stays in the set until
   * {@link #retireKey}.
   *
   * @return the new key
   */
  public SigningKey rotateKeys() {
    return issuance.keys().rotate();
  }

  /**
   * Adds a key to the set without signing with it.
   *
   * @param key such as a weak one, or one with another's kid
   */
  public void publishKey(SigningKey key) {
    issuance.keys().publish(Objects.requireNonNull(key, "key"));
  }

  /**
   * Gives an app a signing key of its own, which stands only in documents and sets that are asked
   * for with {@code ?appid=}.
   *
   * @param app the app
   * @param key its key
   */
  public void publishKeyOf(App app, SigningKey key) {
    issuance.keys().publishFor(app.clientId().toString(), Objects.requireNonNull(key, "key"));
  }

  /**
   * Takes a key out of the set; the current one goes on signing all the same.
   *
   * @param kid every key of this name is taken out
   * @throws IllegalArgumentException if none has it
   */
  public void retireKey(String kid) {
    issuance.keys().retire(kid);
  }

  /**
   * Begins or ends an outage: every connection is cut without an answer.
   *
   * @param on true to begin
   */
  public void outage(boolean on) {
    front.outage(on);
  }

  /**
   * Lets an endpoint answer late.
   *
   * @param endpoint which
   * @param delay the pause before each answer; zero for none
   */
  public void delay(Endpoint endpoint, Duration delay) {
    front.delay(endpoint, Objects.requireNonNull(delay, "delay"));
  }

  /**
   * Lets an endpoint misbehave until {@link #heal}.
   *
   * @param endpoint which
   * @param fault how; it replaces an earlier one
   */
  public void fail(Endpoint endpoint, Fault fault) {
    front.fail(endpoint, Objects.requireNonNull(fault, "fault"));
  }

  /** Ends the outage, every delay and every fault. */
  public void heal() {
    front.heal();
  }

  /**
   * How often an endpoint was asked, unanswered requests included. A client that silently repeats a
   * request on a cut connection is counted twice.
   *
   * @param endpoint which
   * @return requests since the start or the last {@link #resetRequests}
   */
  public long requests(Endpoint endpoint) {
    return front.count(endpoint);
  }

  /** Sets the counters of {@link #requests} to zero. */
  public void resetRequests() {
    front.resetCounts();
  }

  /** Stops at once: pending answers are dropped. Idempotent. */
  @Override
  public void close() {
    front.close();
  }

  @Override
  public String toString() {
    return "EntraStandIn[" + authority() + "]";
  }

  /** Collects what a stand-in is like. Not thread-safe. */
  public static final class Builder {
    private int port;
    private Clock clock = Clock.systemUTC();
    private Ticker ticker = Ticker.system();
    private Duration pollInterval = Duration.ofSeconds(5);
    private Cloud cloud = Cloud.PUBLIC;
    private boolean isExternalId;
    private final Set<UUID> tenants = new LinkedHashSet<>();

    private Builder() {}

    /**
     * The port on loopback.
     *
     * @param port 0 to 65535; default 0, which takes a free one
     * @return this
     */
    public Builder port(int port) {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port: " + port + ", must be 0 to 65535");
      }
      this.port = port;
      return this;
    }

    /**
     * The clock that dates tokens.
     *
     * @param clock default the system's
     * @return this
     */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * What measures how fast devices poll.
     *
     * @param ticker default the system's
     * @return this
     */
    public Builder ticker(Ticker ticker) {
      this.ticker = Objects.requireNonNull(ticker, "ticker");
      return this;
    }

    /**
     * How long a device waits between two polls; polling twice as fast is answered with {@code
     * slow_down}.
     *
     * @param interval whole seconds, 1 s to 60 s; default 5 s, as at Entra
     * @return this
     */
    public Builder devicePollInterval(Duration interval) {
      long seconds = interval.toSeconds();
      if (seconds < 1 || seconds > 60 || !interval.equals(Duration.ofSeconds(seconds))) {
        throw new IllegalArgumentException(
            "devicePollInterval: " + interval + ", must be whole seconds, PT1S to PT1M");
      }
      this.pollInterval = interval;
      return this;
    }

    /**
     * The cloud to play.
     *
     * @param cloud default {@link Cloud#PUBLIC}
     * @return this
     */
    public Builder cloud(Cloud cloud) {
      this.cloud = Objects.requireNonNull(cloud, "cloud");
      return this;
    }

    /**
     * Plays an External ID (CIAM) tenant: issuers are {@code
     * https://{tid}.ciamlogin.com/{tid}/v2.0}, whatever the host.
     *
     * @return this
     */
    public Builder externalId() {
      this.isExternalId = true;
      return this;
    }

    /**
     * Adds a tenant; the first one is {@link EntraStandIn#tenant()}.
     *
     * @param id default one random tenant
     * @return this
     */
    public Builder tenant(UUID id) {
      this.tenants.add(Objects.requireNonNull(id, "id"));
      return this;
    }

    /**
     * Starts the stand-in.
     *
     * @return a running stand-in, to be closed by the caller
     * @throws StandInException if the port is taken
     */
    public EntraStandIn start() {
      return new EntraStandIn(this);
    }
  }
}
