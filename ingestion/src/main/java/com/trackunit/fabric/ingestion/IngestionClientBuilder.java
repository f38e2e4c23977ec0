// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.Secret;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import javax.net.ssl.X509TrustManager;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** The settings of an {@link IngestionClient}. Not thread-safe. */
public final class IngestionClientBuilder {
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final Set<Integer> FUNNEL_PORTS = Set.of(443, 8443, 10000);

  final HttpUrl base;
  private final Set<String> allowedHosts = new TreeSet<>();
  @Nullable Secret internalAccessKey;
  @Nullable OkHttpClient httpClient;
  @Nullable MeterRegistry meterRegistry;
  Duration timeout = Duration.ofSeconds(10);
  Duration firstHandshake = Duration.ZERO;
  RetrySettings retry = RetrySettings.builder().build();
  private UploadHosts uploadHosts = UploadHosts.of();
  private Duration uploadTimeout = Duration.ofMinutes(15);
  private Duration uploadStallTimeout = Duration.ofSeconds(30);
  @Nullable Timekeeper time;
  RandomGenerator random = Retries.JITTER;
  Clock clock = Clock.systemUTC();

  IngestionClientBuilder(URI baseUri) {
    HttpUrl url = HttpUrl.get(baseUri);
    if (url == null
        || !url.isHttps()
        || !url.username().isEmpty()
        || !url.password().isEmpty()
        || url.query() != null
        || url.fragment() != null) {
      throw new IllegalArgumentException(
          "baseUri with scheme "
              + baseUri.getScheme()
              + " and host "
              + baseUri.getHost()
              + ": expected https://host[:port][/prefix] without user, query or fragment");
    }
    this.base = url;
  }

  /**
   * A host that the service may have though it is no funnel's, with any port. Default: only funnels
   * are dialled, {@code <node>.<tailnet>.ts.net} at port 443, 8443 or 10000.
   *
   * @param host a name as in {@code baseUri}; case does not matter
   * @return this
   */
  public IngestionClientBuilder allowHost(String host) {
    allowedHosts.add(host.toLowerCase(Locale.ROOT));
    return this;
  }

  /**
   * The key sent as {@code X-Internal-Access}. Default: none is sent.
   *
   * @param key visible ASCII characters, at least one
   * @return this
   * @throws IllegalArgumentException if a header cannot carry it
   */
  public IngestionClientBuilder internalAccessKey(Secret key) {
    String value = key.reveal();
    if (value.isEmpty() || !value.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
      throw new IllegalArgumentException(
          "internalAccessKey of "
              + value.length()
              + " characters: expected at least one, all visible ASCII");
    }
    this.internalAccessKey = key;
    return this;
  }

  /**
   * An HTTP client whose connections, TLS trust, proxy and interceptors to use towards the service;
   * it stays the caller's to close. What this client promises is set over it: no redirects,
   * cookies, cache or authenticators, TLS only, {@link #timeout}. Uploads share nothing with it but
   * whom it trusts. Default: an own one with the JDK's trust.
   *
   * @param client the client to build on
   * @return this
   * @throws IllegalArgumentException if it does not verify host names as OkHttp does
   */
  public IngestionClientBuilder httpClient(OkHttpClient client) {
    HttpTransport.requireHostnameVerification(client);
    this.httpClient = client;
    return this;
  }

  /**
   * How long one attempt of a call to the service may take, from the name lookup to the last byte
   * of the answer. Default 10 seconds.
   *
   * @param attemptTimeout 1 ms to 10 minutes
   * @return this
   * @throws IllegalArgumentException if it is out of bounds
   */
  public IngestionClientBuilder timeout(Duration attemptTimeout) {
    this.timeout = require("timeout", attemptTimeout, Duration.ofMillis(1));
    return this;
  }

  /**
   * How much longer an attempt may take until the client's first TLS handshake is done. A funnel's
   * can take a minute, while its node obtains a certificate: allow for that where a new node is
   * waited for. A deadline that calls bring still ends them. Default: zero, no longer.
   *
   * @param allowance zero to 10 minutes
   * @return this
   * @throws IllegalArgumentException if it is out of bounds
   */
  public IngestionClientBuilder firstHandshake(Duration allowance) {
    this.firstHandshake = require("firstHandshake", allowance, Duration.ZERO);
    return this;
  }

  /**
   * How failures that may pass are met.
   *
   * @param settings default: those of {@link RetrySettings#builder}
   * @return this
   */
  public IngestionClientBuilder retry(RetrySettings settings) {
    this.retry = Objects.requireNonNull(settings, "settings");
    return this;
  }

  /**
   * Where photos may be sent. Default: nowhere, so that {@code upload} refuses every URL; calls
   * that only start and confirm need none.
   *
   * @param hosts of the object store
   * @return this
   */
  public IngestionClientBuilder uploadHosts(UploadHosts hosts) {
    this.uploadHosts = Objects.requireNonNull(hosts, "hosts");
    return this;
  }

  /**
   * How long an upload may take, for callers without a deadline, and how long it may go without
   * moving. Default 15 minutes and 30 seconds; see {@link PhotoUploader.Builder}.
   *
   * @param overall over all attempts, 1 ms to 1 day
   * @param stall 1 ms to 10 minutes
   * @return this
   * @throws IllegalArgumentException if one is out of bounds
   */
  public IngestionClientBuilder uploadTimeouts(Duration overall, Duration stall) {
    var unused = PhotoUploader.builder(uploadHosts).timeout(overall).stallTimeout(stall);
    this.uploadTimeout = overall;
    this.uploadStallTimeout = stall;
    return this;
  }

  /**
   * Where metrics go: {@code fabric.ingestion.calls} by step and outcome, {@code
   * fabric.ingestion.retries} by step and reason, {@code fabric.ingestion.upload.bytes}.
   *
   * @param registry default: nowhere
   * @return this
   */
  public IngestionClientBuilder meterRegistry(MeterRegistry registry) {
    this.meterRegistry = Objects.requireNonNull(registry, "registry");
    return this;
  }

  /** Tests bring their own time and chance. */
  IngestionClientBuilder time(Timekeeper keeper, RandomGenerator generator) {
    this.time = keeper;
    this.random = generator;
    return this;
  }

  IngestionClientBuilder clock(Clock wall) {
    this.clock = wall;
    return this;
  }

  /**
   * Makes the client; connects to nothing yet.
   *
   * @return a client that its maker closes
   * @throws IllegalArgumentException if the address is neither a funnel's nor that of an allowed
   *     host
   */
  public IngestionClient build() {
    boolean isFunnel =
        base.host().matches("[^.]+\\.[^.]+\\.ts\\.net") && FUNNEL_PORTS.contains(base.port());
    if (!isFunnel && !allowedHosts.contains(base.host())) {
      throw new IllegalArgumentException(
          "baseUri has host "
              + base.host()
              + " and port "
              + base.port()
              + ": expected a funnel, <node>.<tailnet>.ts.net at port 443, 8443 or 10000, or one of"
              + " the allowed hosts "
              + allowedHosts
              + "; see allowHost");
    }
    return new IngestionClient(this);
  }

  PhotoUploader newUploader(Timekeeper shared) {
    PhotoUploader.Builder uploader =
        PhotoUploader.builder(uploadHosts)
            .timeout(uploadTimeout)
            .stallTimeout(uploadStallTimeout)
            .retry(retry)
            .time(shared, random)
            .clock(clock);
    X509TrustManager trust = httpClient == null ? null : httpClient.x509TrustManager();
    if (trust != null) {
      uploader.trust(trust);
    }
    if (meterRegistry != null) {
      uploader.meterRegistry(meterRegistry);
    }
    return uploader.build();
  }

  private static Duration require(String option, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          option + " " + value + " is out of bounds, expected " + least + " to " + LONGEST);
    }
    return value;
  }
}
