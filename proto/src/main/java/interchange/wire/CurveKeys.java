package interchange.wire;

import org.zeromq.ZMQ;

/**
 * A CURVE key pair in Z85, 40 characters each.
 *
 * @param publicKey may be known to all
 * @param secretKey never leaves files of mode 0600
 */
public record CurveKeys(String publicKey, String secretKey) {
    private static final int Z85_LENGTH = 40;
    private static final String Z85_OTHERS = ".-:+=^!/*?&<>()[]{}@%$#";

    public CurveKeys {
        if (!isKey(publicKey) || !isKey(secretKey)) {
            throw new IllegalArgumentException("no CURVE keys of 40 Z85 characters");
        }
    }

    /** Draws a new pair. */
    public static CurveKeys draw() {
        ZMQ.Curve.KeyPair pair = ZMQ.Curve.generateKeyPair();
        return new CurveKeys(pair.publicKey, pair.secretKey);
    }

    public static boolean isKey(String text) {
        return text.length() == Z85_LENGTH && text.chars().allMatch(CurveKeys::isZ85);
    }

    /** The 32 bytes of a key. */
    public static byte[] bytes(String z85) {
        return ZMQ.Curve.z85Decode(z85);
    }

    @Override
    public String toString() {
        return "CurveKeys[" + publicKey + "]";
    }

    private static boolean isZ85(int character) {
        return (character >= '0' && character <= '9')
                || (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || Z85_OTHERS.indexOf(character) >= 0;
    }
}
