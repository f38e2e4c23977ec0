// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * The first words of the forwarded protocol: what to say to the pod, and how to tell that the
 * answer comes from the right kind of server. A port that merely accepts says little: the API
 * server accepts before the pod does. Immutable, thread-safe.
 */
public final class ProtocolProbe {
  private static final byte[] AMQP_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  private static final int AMQP_START_LENGTH = 11;
  private static final int CONNECTION_START = 10 << 16 | 10; // class and method

  private final String protocol;
  private final byte[] opening;
  private final Judge judge;

  private ProtocolProbe(String protocol, byte[] opening, Judge judge) {
    this.protocol = protocol;
    this.opening = opening;
    this.judge = judge;
  }

  /** What the bytes received so far mean. */
  public enum Verdict {
    /** It is the protocol. */
    GOOD,
    /** It is something else. */
    BAD,
    /** Too early to say. */
    MORE
  }

  /** Looks at an answer. Thread-safe. */
  @FunctionalInterface
  public interface Judge {
    /**
     * Judges what has come so far.
     *
     * @param received all bytes since the beginning, at most 4 KiB; read-only
     * @return what they mean; still {@link Verdict#MORE} at 4 KiB counts as {@link Verdict#BAD}
     */
    Verdict judge(ByteBuffer received);
  }

  /**
   * AMQP 0-9-1: the protocol header, answered by {@code connection.start} (its specification, 2.2.4
   * and 4.2.2). The broker is told nothing else.
   *
   * @return the probe
   */
  public static ProtocolProbe amqp() {
    return new ProtocolProbe("AMQP 0-9-1", AMQP_HEADER, ProtocolProbe::isConnectionStart);
  }

  /**
   * A probe of your own protocol.
   *
   * @param protocol its name in errors
   * @param opening what to send first; may be empty where the server speaks first
   * @param judge looks at the answer
   * @return the probe
   */
  public static ProtocolProbe of(String protocol, byte[] opening, Judge judge) {
    return new ProtocolProbe(
        Objects.requireNonNull(protocol, "protocol"),
        opening.clone(),
        Objects.requireNonNull(judge, "judge"));
  }

  private static Verdict isConnectionStart(ByteBuffer received) {
    if (received.remaining() < AMQP_START_LENGTH) {
      boolean isMethodFrame = !received.hasRemaining() || received.get(received.position()) == 1;
      return isMethodFrame ? Verdict.MORE : Verdict.BAD; // 'A' repeats a header it would take
    }
    ByteBuffer frame = received.duplicate();
    boolean isMethodOfChannelZero = frame.get() == 1 && frame.getShort() == 0;
    frame.getInt(); // the size of the payload
    boolean isStart = frame.getInt() == CONNECTION_START;
    return isMethodOfChannelZero && isStart ? Verdict.GOOD : Verdict.BAD;
  }

  String protocol() {
    return protocol;
  }

  ByteBuffer opening() {
    return ByteBuffer.wrap(opening).asReadOnlyBuffer();
  }

  Verdict judge(ByteBuffer received) {
    return judge.judge(received);
  }

  @Override
  public String toString() {
    return "ProtocolProbe[" + protocol + "]";
  }
}
