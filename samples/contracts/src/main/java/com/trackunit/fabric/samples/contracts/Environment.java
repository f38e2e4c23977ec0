// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import com.trackunit.fabric.core.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A service's settings from its environment variables. Every setting is asked for first, then
 * {@link #verify} tells of all mistakes at once, by name:
 *
 * <pre>{@code
 * Environment environment = Environment.system();
 * Supplier<String> host = environment.text("RABBIT_HOST").required();
 * Supplier<Integer> port = environment.port("RABBIT_PORT").orElse(5672);
 * environment.verify();
 * connect(host.get(), port.get());
 * }</pre>
 *
 * <p>An empty variable counts as absent. Not thread-safe; the suppliers handed out are.
 */
public final class Environment {
  private final Map<String, String> variables;
  private final List<String> mistakes = new ArrayList<>();

  private Environment(Map<String, String> variables) {
    this.variables = variables;
  }

  /**
   * The variables of this process.
   *
   * @return nothing read yet
   */
  public static Environment system() {
    return new Environment(System.getenv());
  }

  /**
   * Given variables, for tests and for services that run in one process.
   *
   * @param variables name to value; copied
   * @return nothing read yet
   */
  public static Environment of(Map<String, String> variables) {
    return new Environment(Map.copyOf(variables));
  }

  /**
   * A text, used as it is.
   *
   * @param name the variable
   * @return say whether it is required
   */
  public Setting<String> text(String name) {
    return value(name, "text", text -> text);
  }

  /**
   * A text that never appears in an error.
   *
   * @param name the variable
   * @return say whether it is required
   */
  public Setting<Secret> secret(String name) {
    return value(name, "a secret", Secret::of);
  }

  /**
   * A TCP port.
   *
   * @param name the variable: 0 to 65535; 0 lets a listener take a free one
   * @return say whether it is required
   */
  public Setting<Integer> port(String name) {
    return value(name, "a port, 0 to 65535", Environment::parsePort);
  }

  /**
   * An absolute URI with a host.
   *
   * @param name the variable
   * @return say whether it is required
   */
  public Setting<URI> uri(String name) {
    return value(name, "an absolute URI such as https://host:443/path", Environment::parseUri);
  }

  /**
   * A length of time.
   *
   * @param name the variable, in the form of ISO 8601, such as {@code PT30S}; more than zero
   * @return say whether it is required
   */
  public Setting<Duration> duration(String name) {
    return value(name, "a duration above zero such as PT30S", Environment::parseDuration);
  }

  /**
   * A value of a form of the service's own.
   *
   * @param <T> what the value becomes
   * @param name the variable
   * @param expected the form in words, for the error
   * @param parser throws {@link IllegalArgumentException} for a value of another form; its message
   *     is not shown, for it may repeat the value
   * @return say whether it is required
   */
  public <T> Setting<T> value(String name, String expected, Function<String, T> parser) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(expected, "expected");
    Objects.requireNonNull(parser, "parser");
    return new Setting<>(name, expected, parser);
  }

  /**
   * Reports a combination that does not fit, to be told together with the other mistakes.
   *
   * @param mistake names the variables and what to do; no secrets
   */
  public void mistake(String mistake) {
    mistakes.add(Objects.requireNonNull(mistake, "mistake"));
  }

  /**
   * Whether a variable has a value, whatever its form.
   *
   * @param name the variable
   * @return false where it is absent or empty
   */
  public boolean has(String name) {
    return !variables.getOrDefault(name, "").isEmpty();
  }

  /**
   * Ends the asking.
   *
   * @throws EnvironmentException if any setting was missing or had another form; it names them all
   */
  public void verify() {
    if (!mistakes.isEmpty()) {
      throw new EnvironmentException(mistakes);
    }
  }

  private static Integer parsePort(String text) {
    int port = Integer.parseInt(text);
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("out of bounds");
    }
    return port;
  }

  private static URI parseUri(String text) {
    try {
      URI uri = new URI(text);
      if (uri.getScheme() == null || uri.getHost() == null) {
        throw new IllegalArgumentException("not absolute");
      }
      return uri;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("not a URI", e);
    }
  }

  private static Duration parseDuration(String text) {
    try {
      Duration duration = Duration.parse(text);
      if (duration.isZero() || duration.isNegative()) {
        throw new IllegalArgumentException("not above zero");
      }
      return duration;
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("not a duration", e);
    }
  }

  /**
   * A variable with its form; what is left to say is whether it may be absent.
   *
   * @param <T> what the value becomes
   */
  public final class Setting<T> {
    private final String name;
    private final String expected;
    private final Function<String, T> parser;

    private Setting(String name, String expected, Function<String, T> parser) {
      this.name = name;
      this.expected = expected;
      this.parser = parser;
    }

    /**
     * The variable must be there.
     *
     * @return the value; {@link IllegalStateException} where {@link #verify} throws
     */
    public Supplier<T> required() {
      T value = read();
      if (value == null && !has(name)) {
        mistakes.add(name + " is not set, expected " + expected);
      }
      return supplier(value);
    }

    /**
     * The variable may be absent.
     *
     * @param otherwise the value it has then
     * @return the value; {@link IllegalStateException} where {@link #verify} throws
     */
    public Supplier<T> orElse(T otherwise) {
      Objects.requireNonNull(otherwise, "otherwise");
      return has(name) ? supplier(read()) : () -> otherwise;
    }

    /**
     * The variable may be absent, and nothing stands in for it.
     *
     * @return the value; {@link IllegalStateException} where {@link #verify} throws
     */
    public Supplier<Optional<T>> optional() {
      if (!has(name)) {
        return Optional::empty;
      }
      Supplier<T> value = supplier(read());
      return () -> Optional.of(value.get());
    }

    private @Nullable T read() {
      String text = variables.getOrDefault(name, "");
      if (text.isEmpty()) {
        return null;
      }
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        mistakes.add(name + " has another form, expected " + expected);
        return null;
      }
    }

    private Supplier<T> supplier(@Nullable T value) {
      return () -> {
        if (value == null) {
          throw new IllegalStateException(name + " has no value: call verify() first");
        }
        return value;
      };
    }
  }
}
