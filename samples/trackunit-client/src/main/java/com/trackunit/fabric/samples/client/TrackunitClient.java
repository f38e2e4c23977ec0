// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.ingestion.StoredPhoto;
import com.trackunit.fabric.samples.client.Gateway.StartedUpload;
import com.trackunit.fabric.samples.contracts.AnalysisCompleted;
import com.trackunit.fabric.samples.contracts.AnalysisStarted;
import com.trackunit.fabric.samples.contracts.RecognitionCompleted;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Sends photos of machines into the fabric and waits for the recognised answers: {@code
 * startUpload}, both subscriptions, the PUT to the presigned URL, {@code confirmUpload}, {@code
 * onAnalysisStarted}, {@code onAnalysisCompleted}.
 *
 * <p>The subscriptions stand before the upload is confirmed, and come back by themselves when their
 * connection is lost; an event that the gateway sent meanwhile is not repeated by it, and such a
 * send ends with its deadline.
 *
 * <p>Thread-safe; several photos may be sent at once, each on its caller's thread. The caller
 * closes it. Trust comes from the JVM ({@code javax.net.ssl.trustStore}).
 */
public final class TrackunitClient implements AutoCloseable {
  private static final String STARTED_MEMBERS = "objectKey correlationId";
  private static final String COMPLETED_MEMBERS =
      """
      success objectKey correlationId recognitionPayload {
        provider { name apiVersion featureset maxResults }
        aggregate { brand type model confidence isConfident typeConfidence typeSource name }
      }""";

  private static final Set<String> LOOPBACK_HOSTS = Set.of("localhost", "127.0.0.1", "::1");

  private final OkHttpClient http;
  private final Gateway gateway;
  private final HttpUrl webSocketUrl;
  private final TokenSource tokens;
  private final PhotoUpload upload;
  private final Duration timeout;
  private final Ticker ticker;

  private TrackunitClient(Builder builder) {
    this.http =
        builder
            .base
            .newBuilder()
            // No redirect may carry the token elsewhere.
            .followRedirects(false)
            .followSslRedirects(false)
            .build();
    this.gateway = new Gateway(http, builder.graphqlHttp, builder.tokens);
    this.webSocketUrl = builder.graphqlWs;
    this.tokens = builder.tokens;
    this.upload = new PhotoUpload(http, builder.uploadHosts);
    this.timeout = builder.timeout;
    this.ticker = builder.ticker;
  }

  /**
   * Options of a client.
   *
   * @param graphqlHttp the gateway's {@code https} address; {@code http} only on this machine, for
   *     a token goes there
   * @param tokens where access tokens come from
   * @return options to be refined
   * @throws IllegalArgumentException if the address is no such one
   */
  public static Builder builder(URI graphqlHttp, TokenSource tokens) {
    return new Builder(graphqlHttp, tokens);
  }

  /**
   * Looks whether a file can be sent, before anything is started or asked of a user.
   *
   * @param file a JPEG, PNG or WebP image
   * @throws TrackunitClientException with {@link TrackunitClientException.Reason#BAD_PHOTO} and
   *     what is wrong with it
   */
  public static void checkPhoto(Path file) {
    var unused = Photo.open(file);
  }

  /**
   * Sends one photo and waits for its answer. Blocks.
   *
   * @param file a JPEG, PNG or WebP image
   * @param hops is told of each step as it is made
   * @return the answer
   * @throws TrackunitClientException if there is none; its reason says what to do
   */
  public PhotoAnswer send(Path file, HopListener hops) {
    Journey journey = new Journey(hops);
    Photo photo = Photo.open(file);
    journey.hop(
        Hop.Step.PHOTO_CHECKED,
        photo.filename() + ", " + photo.format() + ", " + photo.bytes() + " bytes");
    // The user's time to sign in is not the fabric's: the deadline begins after it.
    var unused = tokens.token(false);
    journey.hop(Hop.Step.SIGNED_IN, "");
    Deadline deadline = Deadline.after(timeout, ticker);
    StartedUpload started = gateway.startUpload(photo, deadline);
    journey.hop(
        Hop.Step.UPLOAD_STARTED,
        started.objectKey() + ", correlation id " + started.correlationId());
    return journey.follow(photo, started, deadline);
  }

  /** Gives up the connections. Sends that are under way fail. Closing twice does nothing. */
  @Override
  public void close() {
    upload.close();
    http.dispatcher().cancelAll();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }

  /** The way of one photo, with its clock. */
  private final class Journey {
    private final HopListener listener;
    private final List<Hop> hops = new ArrayList<>();
    private final long begin = ticker.nanos();

    Journey(HopListener listener) {
      this.listener = Objects.requireNonNull(listener, "hops");
    }

    PhotoAnswer follow(Photo photo, StartedUpload started, Deadline deadline) {
      String objectKey = started.objectKey();
      var onStarted =
          new AwaitedEvent<>(
              "onAnalysisStarted", STARTED_MEMBERS, AnalysisStarted.class, objectKey, ticker);
      var onCompleted =
          new AwaitedEvent<>(
              "onAnalysisCompleted", COMPLETED_MEMBERS, AnalysisCompleted.class, objectKey, ticker);
      try (SubscriptionSocket socket =
          SubscriptionSocket.open(
              http,
              webSocketUrl,
              tokens,
              List.of(onStarted.subscription(), onCompleted.subscription()))) {
        AwaitedEvent.await(socket.ready(), socket, "subscription", deadline);
        hop(Hop.Step.SUBSCRIBED, SubscriptionSocket.PROTOCOL);
        StoredPhoto stored = upload.put(photo, started.putUrl(), deadline);
        hop(Hop.Step.PHOTO_STORED, stored.checksum());
        hop(Hop.Step.UPLOAD_CONFIRMED, gateway.confirmUpload(started, stored, deadline));
        var begun = onStarted.await(socket, deadline);
        hop(Hop.Step.ANALYSIS_STARTED, begun.nanos(), correlation(begun.event().correlationId()));
        var done = onCompleted.await(socket, deadline);
        hop(Hop.Step.ANALYSIS_COMPLETED, done.nanos(), inWords(done.event()));
        return new PhotoAnswer(
            objectKey, started.correlationId(), begun.event(), done.event(), hops);
      }
    }

    void hop(Hop.Step step, String detail) {
      hop(step, ticker.nanos(), detail);
    }

    private void hop(Hop.Step step, long nanos, String detail) {
      Hop hop = new Hop(step, Duration.ofNanos(nanos - begin), detail);
      hops.add(hop);
      listener.onHop(hop);
    }
  }

  private static String correlation(@Nullable String correlationId) {
    return correlationId == null ? "without correlation id" : "correlation id " + correlationId;
  }

  private static String inWords(AnalysisCompleted done) {
    RecognitionCompleted recognition = done.recognitionPayload();
    String machine = "no machine recognised";
    if (done.success() && recognition != null) {
      RecognitionCompleted.Aggregate seen = recognition.aggregate();
      String name =
          Stream.of(seen.brand(), seen.model(), seen.type())
              .filter(Objects::nonNull)
              .collect(Collectors.joining(" "));
      machine =
          String.format(
              Locale.ROOT,
              "%s, %.0f %% sure",
              name.isEmpty() ? "a machine" : name,
              100 * seen.confidence());
    }
    return machine + ", " + correlation(done.correlationId());
  }

  /** Options of a {@link TrackunitClient}. Not thread-safe. */
  public static final class Builder {
    private final HttpUrl graphqlHttp;
    private final TokenSource tokens;
    private HttpUrl graphqlWs;
    private Set<String> uploadHosts = Set.of();
    private Duration timeout = Duration.ofSeconds(60);
    private Ticker ticker = Ticker.system();
    private OkHttpClient base = new OkHttpClient();

    private Builder(URI graphqlHttp, TokenSource tokens) {
      this.graphqlHttp = secured("graphqlHttp", graphqlHttp, "https", "http");
      this.graphqlWs = this.graphqlHttp;
      this.tokens = Objects.requireNonNull(tokens, "tokens");
    }

    /**
     * The gateway's WebSocket address, if it is another one.
     *
     * @param address {@code wss}; {@code ws} only on this machine. Default: the HTTP address
     * @return this
     * @throws IllegalArgumentException if the address is no such one
     */
    public Builder graphqlWs(URI address) {
      this.graphqlWs = secured("graphqlWs", address, "wss", "ws");
      return this;
    }

    /**
     * The only hosts that a photo may be sent to, whatever their addresses are.
     *
     * @param hosts names as in presigned URLs, without port. Default: empty, which admits every
     *     https host with a public address
     * @return this
     */
    public Builder uploadHosts(Set<String> hosts) {
      this.uploadHosts = Set.copyOf(hosts);
      return this;
    }

    /**
     * How long a send may take from the moment it has a token.
     *
     * @param limit more than zero, at most one day. Default: 60 seconds
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder timeout(Duration limit) {
      if (limit.isZero() || limit.isNegative() || limit.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException(
            "trackunit client: timeout is " + limit + ", expected more than 0, at most one day");
      }
      this.timeout = limit;
      return this;
    }

    /**
     * The clock of hops and deadlines.
     *
     * @param monotonic Default: the machine's
     * @return this
     */
    public Builder ticker(Ticker monotonic) {
      this.ticker = Objects.requireNonNull(monotonic, "monotonic");
      return this;
    }

    /** Tests bring their own trust. */
    Builder base(OkHttpClient trusting) {
      this.base = trusting;
      return this;
    }

    /**
     * A client; nothing is connected yet.
     *
     * @return the caller closes it
     */
    public TrackunitClient build() {
      return new TrackunitClient(this);
    }

    private static HttpUrl secured(String option, URI address, String secure, String plain) {
      String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
      // OkHttp knows a WebSocket by its HTTP address.
      String web = address.toString().replaceFirst("^(?i)ws", "http");
      HttpUrl url = HttpUrl.parse(web);
      if (url == null || !(scheme.equals(secure) || scheme.equals(plain))) {
        throw new IllegalArgumentException(
            "trackunit client: " + option + " is " + address + ", expected " + secure + "://...");
      }
      if (!url.isHttps() && !LOOPBACK_HOSTS.contains(url.host())) {
        throw new IllegalArgumentException(
            "trackunit client: "
                + option
                + " is "
                + address
                + ", expected "
                + secure
                + "://: a token must not travel in plain text beyond this machine");
      }
      return url;
    }
  }
}
