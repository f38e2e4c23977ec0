// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import okhttp3.Authenticator;
import okhttp3.Call;
import okhttp3.CookieJar;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Fetches an authority's v2 discovery document and the key set it names. It trusts neither beyond
 * its reason: https only, on the authority's own host only, no redirects, bounded in time and size,
 * and the document must name the issuer that belongs to authority and tenant (OpenID Connect
 * Discovery 1.0, section 4.3).
 */
final class AuthorityClient implements KeySetSource, AutoCloseable {
  private static final Pattern PRINTABLE = Pattern.compile("[\\x21-\\x7E]{1,200}");
  private static final int MAX_DISCOVERY_BYTES = 256 * 1024;
  private static final int MAX_KEYS_BYTES = 1024 * 1024;

  private final OkHttpClient http;
  private final Authority authority;
  private final String segment;
  private final SignatureRules rules;
  private final Duration timeout;
  private final Object lock = new Object();
  private @Nullable Call underWay;
  private boolean isClosed;

  /**
   * @param http its pool and its TLS are used, but not its redirects, cookies, cache or credentials
   * @param segment what stands for the tenants in addresses: an id, or a name for many
   * @param rules what keys may be for
   * @param timeout for one whole fetch, both documents together
   */
  AuthorityClient(
      OkHttpClient http,
      Authority authority,
      String segment,
      SignatureRules rules,
      Duration timeout) {
    this.http =
        http.newBuilder()
            .followRedirects(false)
            .followSslRedirects(false)
            .cache(null)
            .cookieJar(CookieJar.NO_COOKIES)
            .authenticator(Authenticator.NONE)
            .build();
    this.authority = authority;
    this.segment = segment;
    this.rules = rules;
    this.timeout = timeout;
  }

  @Override
  public KeySet fetch() throws IOException {
    Deadline deadline = Deadline.after(timeout, Ticker.system());
    URI discovery = authority.discovery(segment);
    Map<String, @Nullable Object> document =
        object(discovery, get(discovery, MAX_DISCOVERY_BYTES, deadline));
    if (!(document.get("issuer") instanceof String issuer) || !authority.mayName(issuer, segment)) {
      throw new IOException(
          "GET "
              + discovery
              + ": its issuer is "
              + shown(document.get("issuer"))
              + ", expected "
              + authority.issuerOf(segment));
    }
    URI keys = keysAddress(document.get("jwks_uri"), discovery);
    Object cloud = document.get("cloud_instance_name");
    return KeySetReader.read(
        object(keys, get(keys, MAX_KEYS_BYTES, deadline)).get("keys"),
        issuer,
        cloud instanceof String name ? name : null,
        rules);
  }

  /** What may stand in a log. */
  private static String shown(@Nullable Object value) {
    return value instanceof String text && PRINTABLE.matcher(text).matches()
        ? text
        : "no such text";
  }

  private static Map<String, @Nullable Object> object(URI from, byte[] utf8) throws IOException {
    try {
      return StrictJson.readObject(utf8);
    } catch (MalformedJsonException e) {
      throw new IOException("GET " + from + ": " + e.getMessage(), e);
    }
  }

  private URI keysAddress(@Nullable Object stated, URI discovery) throws IOException {
    if (stated instanceof String text) {
      try {
        URI keys = URI.create(text);
        if (isSameServer(keys)) {
          return keys;
        }
      } catch (IllegalArgumentException notAUri) {
        throw new IOException("GET " + discovery + ": its jwks_uri is not a URI", notAUri);
      }
    }
    throw new IOException(
        "GET " + discovery + ": its jwks_uri is not an https address on the authority's own host");
  }

  private boolean isSameServer(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme())
        && authority.host().getHost().equalsIgnoreCase(uri.getHost())
        && authority.host().getPort() == uri.getPort()
        && uri.getRawUserInfo() == null;
  }

  private byte[] get(URI uri, int maxBytes, Deadline deadline) throws IOException {
    Request request =
        new Request.Builder().url(uri.toString()).header("Accept", "application/json").build();
    Call call = begin(http.newCall(request), deadline);
    try (Response response = call.execute()) {
      if (response.code() != 200) {
        throw new IOException("status " + response.code() + ", expected 200");
      }
      byte[] bytes = response.body().byteStream().readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new IOException("the body has more than " + maxBytes + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw new IOException("GET " + uri + ": " + e.getMessage(), e);
    } finally {
      synchronized (lock) {
        underWay = null;
      }
    }
  }

  private Call begin(Call call, Deadline deadline) throws IOException {
    Duration left = deadline.remaining();
    if (left.isZero()) {
      throw new InterruptedIOException("key fetch: timeout of " + timeout + " passed");
    }
    // A call timeout of OkHttp covers all of it: name, connection, headers and a slow body.
    call.timeout().timeout(left.toNanos(), TimeUnit.NANOSECONDS);
    synchronized (lock) {
      if (isClosed) {
        throw new IOException("key fetch: closed");
      }
      underWay = call;
    }
    return call;
  }

  /** Ends a fetch that is under way; a later one fails at once. */
  @Override
  public void close() {
    Call call;
    synchronized (lock) {
      isClosed = true;
      call = underWay;
    }
    if (call != null) {
      call.cancel();
    }
  }
}
