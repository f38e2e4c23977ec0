// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request (RFC 9112), its body already read and dropped.
 *
 * @param path the segments, decoded
 * @param query the parameters in order, as a name may stand several times
 * @param headers by lower-case name, values joined with a comma
 */
record ApiRequest(
    String method, List<String> path, List<Parameter> query, Map<String, String> headers) {
  private static final int MAX_HEAD = 64 << 10;
  private static final int MAX_BODY = 1 << 20;

  record Parameter(String name, String value) {}

  /** Reads one; null at the end of the connection. */
  static @Nullable ApiRequest read(InputStream in) throws IOException {
    String head = head(in);
    if (head == null) {
      return null;
    }
    String[] lines = head.split("\r\n", -1);
    String[] first = lines[0].split(" ", 3);
    if (first.length != 3) {
      throw new IOException("not a request line");
    }
    Map<String, String> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.merge(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip(),
            (one, other) -> one + "," + other);
      }
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    if (length < 0 || length > MAX_BODY || headers.containsKey("transfer-encoding")) {
      throw new IOException("a body that this server does not take");
    }
    in.readNBytes(length);
    URI uri = URI.create(first[1]);
    return new ApiRequest(first[0], path(uri), query(uri.getRawQuery()), headers);
  }

  private static @Nullable String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < MAX_HEAD) {
      int next = in.read();
      if (next < 0) {
        return null;
      }
      head.append((char) next);
      int length = head.length();
      if (next == '\n'
          && length >= 4
          && "\r\n\r\n".contentEquals(head.subSequence(length - 4, length))) {
        return head.substring(0, length - 4);
      }
    }
    throw new IOException("a head of more than " + MAX_HEAD + " bytes");
  }

  private static List<String> path(URI uri) {
    return List.of(uri.getPath().substring(1).split("/", -1));
  }

  private static List<Parameter> query(@Nullable String raw) {
    List<Parameter> query = new ArrayList<>();
    for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      query.add(new Parameter(decoded(name), decoded(value)));
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  String parameter(String name) {
    return query.stream()
        .filter(one -> one.name().equals(name))
        .map(Parameter::value)
        .findFirst()
        .orElse("");
  }

  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  boolean isUpgrade() {
    return header("upgrade").equalsIgnoreCase("websocket");
  }

  /** Without headers, where a token may stand. */
  @Override
  public String toString() {
    return "ApiRequest[" + method + " /" + String.join("/", path) + "]";
  }
}
